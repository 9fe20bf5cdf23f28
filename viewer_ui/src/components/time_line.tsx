/** The run's time as a line below the log: what happened when, and a slider to any moment of it. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Session } from "../feed/session";
import { t } from "../messages";
import type { Progress } from "../progress/fold";
import { type Densities, Density } from "../replay/density";
import { bars, curve, heights, ROWS, spans } from "../replay/marks";
import type { Replay } from "../replay/replay";
import { clock } from "../words";
import { type Keys, useKeys } from "./keys";
import "../replay/time_line.css";

interface Props {
  session: Session;
  replay: Replay;
}

export function TimeLine({ session, replay }: Props) {
  useFrames(replay);
  const density = useDensity(session, replay);
  const { progress } = session;
  const { t: duration } = replay.end;
  // Drawn once a second, however often output comes or the moment changes: events come after a run's end, too.
  const marks = useMemo(
    () => <Marks density={density} progress={progress} duration={duration} />,
    [density, progress, Math.floor(performance.now() / 1000)],
  );
  const playing = replay.playing;
  useKeys({
    " ": () => replay.toggle(),
    "<": () => replay.change(-1),
    ">": () => replay.change(1),
    // Asked now: what was drawn last may be of a moment ago.
    Escape: () => replay.active && replay.live(),
  });
  return (
    <section class={replay.active ? "time-line past" : "time-line"} aria-label={t.replay.title}>
      <button
        type="button"
        class="play"
        aria-label={playing ? t.replay.pause : t.replay.play}
        title={playing ? t.replay.pause : t.replay.play}
        onClick={() => replay.toggle()}
      >
        {playing ? "❚❚" : "▶"}
      </button>
      <span class="moment" style={{ minWidth: `${clock(duration).length}ch` }}>
        {clock(replay.t)}
      </span>
      <Slider replay={replay}>{marks}</Slider>
      <span class="duration">{clock(duration)}</span>
      <button
        type="button"
        class="speed"
        aria-label={t.replay.speedTitle(replay.speed)}
        title={t.replay.speedTitle(replay.speed)}
        onClick={() => replay.change(1)}
      >
        {t.replay.speed(replay.speed)}
      </button>
    </section>
  );
}

/** Renders anew with the next frame after the moment has changed; of one that goes on, the page sees to it. */
function useFrames(replay: Replay): void {
  const [, refresh] = useState(0);
  useEffect(() => {
    let frame = 0;
    const soon = () => {
      if (!replay.active) return;
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        refresh((n) => n + 1);
      });
    };
    const stop = replay.onChange(soon);
    return () => {
      stop();
      cancelAnimationFrame(frame);
    };
  }, [replay]);
}

function useDensity(session: Session, replay: Replay): Densities {
  const [density] = useState(() => new Density(session.hub));
  const [, shown] = useState(0);
  const ended = Boolean(session.run?.ended);
  useEffect(() => {
    void density.update(replay.end, ended).then((more) => more && shown((n) => n + 1));
  });
  return density.shown;
}

/** How far the arrow keys and the page keys go, as parts of the whole. */
const [STEP, PAGE] = [0.01, 0.1];

function Slider({ replay, children }: { replay: Replay; children: preact.ComponentChildren }) {
  const track = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<number | undefined>(undefined);
  const { t: moment, end } = replay;
  const at = (event: PointerEvent): number => {
    const { left, width } = track.current?.getBoundingClientRect() ?? { left: 0, width: 1 };
    return Math.max(0, Math.min(1, (event.clientX - left) / width)) * end.t;
  };
  const drag = (event: PointerEvent) => {
    setPointed(at(event));
    if (event.buttons & 1) replay.seek(at(event));
  };
  const grab = (event: PointerEvent) => {
    track.current?.setPointerCapture(event.pointerId);
    drag(event);
  };
  const step = (part: number) => () => replay.seek(replay.t + part * replay.end.t);
  const keys: Keys = {
    ArrowLeft: step(-STEP),
    ArrowDown: step(-STEP),
    ArrowRight: step(STEP),
    ArrowUp: step(STEP),
    PageDown: step(-PAGE),
    PageUp: step(PAGE),
    Home: () => replay.seek(0),
    End: () => replay.live(),
  };
  return (
    <div
      class="track"
      role="slider"
      tabIndex={0}
      aria-label={t.replay.slider}
      aria-valuemin={0}
      aria-valuemax={Math.floor(end.t)}
      aria-valuenow={Math.floor(moment)}
      aria-valuetext={replay.active ? t.replay.moment(clock(moment), clock(end.t)) : t.replay.live}
      ref={track}
      onPointerDown={grab}
      onPointerMove={drag}
      onPointerLeave={() => setPointed(undefined)}
      onKeyDown={(event) => act(keys, event)}
    >
      {children}
      <div class="thumb" style={{ left: percent(moment, end.t) }} />
      {pointed !== undefined && (
        <div class="pointed" style={{ left: percent(pointed, end.t) }} aria-hidden="true">
          {clock(pointed)}
        </div>
      )}
    </div>
  );
}

function act(keys: Keys, event: KeyboardEvent): void {
  const acts = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
  if (!acts) return;
  event.preventDefault();
  acts();
}

function percent(t: number, duration: number): string {
  return `${duration ? Math.min(100, (t / duration) * 100) : 0}%`;
}

/** The box in which marks are drawn, stretched over the track: rows of tasks above, density below. */
const [WIDTH, HEIGHT, ROW] = [1000, 32, 3];

interface MarksProps {
  density: Densities;
  progress: Progress;
  duration: number;
}

function Marks({ density: shown, progress, duration }: MarksProps) {
  const x = (t: number) => (t / Math.max(duration, 0.001)) * WIDTH;
  const below = HEIGHT - ROWS * ROW - 2;
  const cpu = progress.metrics.get("process/cpu");
  return (
    <svg class="marks" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {shown.silences.map(([t, seconds, at]) => (
        <rect key={at} class="silence" x={x(t)} y={HEIGHT - below} width={x(seconds)} height={below} />
      ))}
      <path
        class="density"
        d={bars(heights(shown.bytes), x(shown.duration), below)}
        transform={`translate(0 ${HEIGHT - below})`}
      />
      {cpu && <path class="cpu" d={curve(cpu, duration, WIDTH, below)} transform={`translate(0 ${HEIGHT - below})`} />}
      {spans(progress, duration).map(({ from, to, row, state }, i) => (
        <rect
          key={i}
          class={`span ${state}`}
          x={x(from)}
          y={row * ROW}
          width={Math.max(1.5, x(to - from))}
          height={ROW - 1}
        />
      ))}
      {progress.notes
        .filter(({ level }) => level !== "info")
        .map(({ seq, t, level }) => (
          <rect key={seq} class={`said ${level}`} x={x(t) - 1} y={HEIGHT - below} width={2} height={below} />
        ))}
    </svg>
  );
}
