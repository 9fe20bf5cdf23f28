/** Beside the scroll bar: where in the log something was found, and where there are warnings and errors. */

import { useEffect, useRef } from "preact/hooks";
import { colourOf, onColours } from "../theme";

/** A place in the log, from 0 to 1, and the class whose colour it has. */
export interface Mark {
  share: number;
  kind: "found" | "current" | "warning" | "error";
}

const THICK = 2;

export function Strip({ marks }: { marks: readonly Mark[] }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const redraw = () => draw(element, marks);
    redraw();
    const observer = new ResizeObserver(redraw);
    observer.observe(element);
    const forget = onColours(redraw);
    return () => {
      forget();
      observer.disconnect();
    };
  }, [marks]);
  return (
    <div class="strip" aria-hidden="true" data-marks={marks.length}>
      <canvas ref={canvas} />
    </div>
  );
}

function draw(canvas: HTMLCanvasElement, marks: readonly Mark[]): void {
  const { clientWidth, clientHeight } = canvas;
  canvas.width = clientWidth * devicePixelRatio;
  canvas.height = clientHeight * devicePixelRatio;
  const context = canvas.getContext("2d");
  if (!context) return;
  context.scale(devicePixelRatio, devicePixelRatio);
  for (const { share, kind } of marks) {
    context.fillStyle = colourOf(canvas, `--strip-${kind}`);
    context.fillRect(0, share * (clientHeight - THICK), clientWidth, THICK);
  }
}
