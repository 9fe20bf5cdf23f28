import { defineConfig } from "vite";

// The hub serves index.html for every /r/<token>, and what it names from /assets.
export default defineConfig({
  base: "/",
  esbuild: false,
  build: {
    outDir: "../viewer_server/progress_hub/page",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
