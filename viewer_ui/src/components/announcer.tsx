/** Tells who listens to the page, now and then, what has come; never line by line. */

import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../messages";
import type { Progress } from "../progress/fold";

/** How often it is said what has come, in ms. */
const EVERY = 30_000;

interface Come {
  lines: number;
  counts: Progress["counts"];
}

export function Announcer({ lines, counts }: Come) {
  const [said, say] = useState("");
  const come = useRef<Come>({ lines, counts });
  come.current = { lines, counts: { ...counts } };
  useEffect(() => {
    let told: Come | undefined;
    const timer = setInterval(() => {
      const news = told ? newsWords(told, come.current) : "";
      told = come.current;
      if (news) say(news);
    }, EVERY);
    return () => clearInterval(timer);
  }, []);
  return (
    <p class="unseen" role="status">
      {said}
    </p>
  );
}

/** 212 new lines, 1 error: "" if nothing came. */
export function newsWords(before: Come, now: Come): string {
  const [lines, warnings, errors] = [
    now.lines - before.lines,
    now.counts.warning - before.counts.warning,
    now.counts.error - before.counts.error,
  ];
  const news = [
    lines > 0 && t.count.newLines(lines),
    warnings > 0 && t.count.warnings(warnings),
    errors > 0 && t.count.errors(errors),
  ];
  return news.filter(Boolean).join(", ");
}
