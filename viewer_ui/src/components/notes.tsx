/** What was said of warnings and errors, each leading to its place in the output. */

import { t } from "../messages";
import type { Note, Progress } from "../progress/fold";
import { clock } from "../words";
import { Section } from "./section";

const SHAPES = { info: "·", warning: "⚠", error: "✗" } as const;
const TONES = { info: "quiet", warning: "warn", error: "bad" } as const;

/** The most listed; the last ones count. */
const LISTED = 200;

interface Props {
  notes: Note[];
  counts: Progress["counts"];
  onNote: (note: Note) => void;
}

export function Notes({ notes, counts, onNote }: Props) {
  if (!notes.length) return null;
  return (
    <Section title={`${t.count.warnings(counts.warning)} · ${t.count.errors(counts.error)}`}>
      <ul class="notes">
        {notes.slice(-LISTED).map((note) => (
          <li key={note.seq}>
            <button type="button" onClick={() => onNote(note)} title={note.text}>
              <span class={TONES[note.level]} role="img" aria-label={t.panel.level[note.level]}>
                {SHAPES[note.level]}
              </span>
              <bdi>{note.text || t.panel.level[note.level]}</bdi>
              <span class="note-time">+{clock(note.t)}</span>
            </button>
          </li>
        ))}
      </ul>
    </Section>
  );
}
