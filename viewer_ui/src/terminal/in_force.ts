/** The escape sequences in force where a terminal begins in the middle: those of style, and all others. */
export interface InForce {
  style: string;
  modes: string;
}

/** Whether the job draws on the alternate screen there. */
export function onAlternate({ modes }: Pick<InForce, "modes">): boolean {
  return /\[\?(47|1047|1049)h/.test(modes);
}
