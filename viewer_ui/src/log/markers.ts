/** Lines by which a job itself names a group or says an error, in the ways of CI services. */

/** GitHub's, GitLab's (as a terminal that doesn't erase shows it) and Buildkite's. */
const OPENS = /^(?:::group::|##\[group\]|section_start:\d+:[^\s[]+(?:\[[^\]]*\])?|(?:---|\+\+\+|~~~)\s)/;
const SAYS = /^(?:::(?:error|warning|notice|debug)\b[^:]*::|##\[(?:error|warning|notice)\])/;

/** Whether a line is what opens the group of that name, or one that it gives no name. */
export function opensGroup(line: string, name: string): boolean {
  const text = line.trim();
  if (text === name) return name !== "";
  const own = OPENS.test(text) ? text.replace(OPENS, "").trim() : undefined;
  return own === name || own === "";
}

/** Whether a line is what a note says, its text perhaps cut. */
export function saysNote(line: string, note: string): boolean {
  const text = line.trim();
  const said = note.replace(/…$/, "");
  return said !== "" && (text === note || (SAYS.test(text) && text.replace(SAYS, "").trim().startsWith(said)));
}
