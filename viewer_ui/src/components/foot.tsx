/** How much there is, and how what is shown stands to it. */

import { count, size, type Tone } from "../words";

interface Props {
  bytes: number;
  lines: number;
  connection: { words: string; tone: Tone };
  onHelp: () => void;
}

export function Foot({ bytes, lines, connection, onHelp }: Props) {
  return (
    <footer>
      <span class={`connection ${connection.tone}`} role="status">
        {connection.words}
      </span>
      <span class="amount">
        {count(lines, "line")} · <span title={count(bytes, "byte")}>{size(bytes)}</span>
      </span>
      <button
        type="button"
        class="quiet-button"
        aria-label="Keyboard shortcuts"
        title="Keyboard shortcuts"
        onClick={onHelp}
      >
        ?
      </button>
    </footer>
  );
}
