/** Waits between attempts: full jitter, longer each time up to a limit, cut short by `wake`. */

const FIRST_MS = 250;
const LONGEST_MS = 10_000;

export class Backoff {
  #failures = 0;
  #wake: () => void = () => {};

  /** How long to wait after the next failure, in ms. */
  next(random: () => number = Math.random): number {
    return random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures++);
  }

  reset(): void {
    this.#failures = 0;
  }

  async wait(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.next());
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Tries again at once: the network is back, or somebody looks. */
  wake(): void {
    this.reset();
    this.#wake();
  }
}
