/** A few words about what has just happened, which go by themselves. */

import { useEffect, useState } from "preact/hooks";

/** How long they stand, in ms. */
const STANDS = 4000;

let listener: ((words: string) => void) | undefined;
/** What was said before anybody could show it. */
let early = "";

/** Says something to the reader, also by voice. */
export function say(words: string): void {
  if (listener) listener(words);
  else early = words;
}

export function Toast() {
  const [said, setSaid] = useState({ words: "" });
  useEffect(() => {
    listener = (words) => setSaid({ words });
    listener(early);
    early = "";
    return () => {
      listener = undefined;
    };
  }, []);
  useEffect(() => {
    const timer = setTimeout(() => setSaid({ words: "" }), STANDS);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <p class="toast" role="status">
      {said.words}
    </p>
  );
}
