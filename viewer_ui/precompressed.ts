/** Puts a compressed file beside each that the hub serves as it is, so that it needn't be compressed for every visit. */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

export function precompressed(): Plugin {
  return {
    name: "precompressed",
    // What was written, since others still change what was generated.
    writeBundle({ dir = "" }, bundle) {
      for (const name of Object.keys(bundle).filter((each) => /\.(js|css)$/.test(each)))
        writeFileSync(join(dir, `${name}.gz`), gzipSync(readFileSync(join(dir, name)), { level: 9 }));
    },
  };
}
