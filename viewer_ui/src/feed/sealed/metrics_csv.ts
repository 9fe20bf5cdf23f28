/** A run's metrics as CSV (RFC 4180), as the hub makes it of other runs. */

import { fieldsOf, lineOf, numberOf } from "../../progress/fields";
import { LABEL_CHARACTERS, type RunEvent } from "../../protocol";

const HEADER = "seq,t,name,step,value";

/** What a spreadsheet takes for the beginning of a formula. */
const FORMULA = /^[=+@-]/;

export function metricsCsv(events: RunEvent[]): string {
  const rows = events.filter(({ kind }) => kind === "metric").map(rowOf);
  return [HEADER, ...rows].map((row) => `${row}\r\n`).join("");
}

function rowOf(event: RunEvent): string {
  const { name, step, value } = fieldsOf(event);
  return [event.seq, event.t, cell(lineOf(name, LABEL_CHARACTERS)), numberOf(step), numberOf(value)].join(",");
}

/** A name that no spreadsheet computes: it is the job's, and who opens the file may be anybody. */
function cell(name: string): string {
  const shown = FORMULA.test(name) ? `'${name}` : name;
  return /[",]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
}
