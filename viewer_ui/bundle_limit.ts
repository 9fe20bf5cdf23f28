/** Fails the build when a visit would begin with more script than it should; what is loaded later doesn't count. */

import { gzipSync } from "node:zlib";
import type { Plugin, Rollup } from "vite";

/** `most` is in bytes, compressed, of the entry and all that it imports at once. */
export function bundleLimit(most: number): Plugin {
  return {
    name: "bundle-limit",
    generateBundle(_, bundle) {
      const size = [...atOnce(bundle)].reduce((sum, code) => sum + gzipSync(code).length, 0);
      if (size > most)
        this.error(`The page begins with ${size} bytes of compressed script; at most ${most} are allowed.`);
    },
  };
}

/** The code of the entries, and of what they import. */
function atOnce(bundle: Rollup.OutputBundle): Set<string> {
  const code = new Set<string>();
  const add = (chunk: Rollup.OutputAsset | Rollup.OutputChunk | undefined) => {
    if (chunk?.type !== "chunk" || code.has(chunk.code)) return;
    code.add(chunk.code);
    for (const name of chunk.imports) add(bundle[name]);
  };
  for (const chunk of Object.values(bundle)) if (chunk.type === "chunk" && chunk.isEntry) add(chunk);
  return code;
}
