/** Lets the browser draw and react between slices of work. */

/** How long work may go on before the browser gets its turn, in ms: half a frame. */
const TURN = 8;

let began = 0;

/** Returns at once while the turn lasts, else after the browser has had one. */
export async function breathe(): Promise<void> {
  if (performance.now() - began < TURN) return;
  await new Promise<void>((resolve) => {
    // A message isn't throttled in the background as a timer is, nor clamped to 4 ms.
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
  began = performance.now();
}
