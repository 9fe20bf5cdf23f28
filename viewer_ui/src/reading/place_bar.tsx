/** The lines that are marked, a button that copies the link to them, and one that lets go of them. */

import { t } from "../messages";
import { type Lines, linesWords } from "./place";

interface Props {
  lines: Lines;
  onCopy: () => void;
  onClear: () => void;
}

export function PlaceBar({ lines, onCopy, onClear }: Props) {
  return (
    <div class="place-bar">
      <span>{linesWords(lines)}</span>
      <button type="button" onClick={onCopy}>
        {t.reading.copyLink}
      </button>
      <button type="button" aria-label={t.reading.clear} title={t.reading.clear} onClick={onClear}>
        ✕
      </button>
    </div>
  );
}
