import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { bundleLimit } from "./bundle_limit";
import { precompressed } from "./precompressed";

// xterm's package names an ES module that it does not contain.
const xterm = fileURLToPath(new URL("node_modules/@xterm/headless/lib-headless/xterm-headless.mjs", import.meta.url));

export default defineConfig({
  // The hub serves index.html at every /r/<token>, and has it name what is in /assets; its parts find one another.
  base: "./",
  plugins: [bundleLimit(200_000), precompressed()],
  resolve: { alias: { "@xterm/headless": xterm } },
  build: {
    outDir: "../viewer_server/progress_hub/page",
    emptyOutDir: true,
    target: "es2022",
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
