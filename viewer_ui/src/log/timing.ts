/** When each byte of the output was written, and to which descriptor: read from the hub where it is asked for. */

import { lastWhere } from "./growing";

/** From offset `at` on output was written at `t`, in seconds since the run's start, to descriptor `fd`. */
export type Written = [at: number, t: number, fd: number];

/** The hub's answer: the marks from the last one at or before what was asked for, and how far they reach. */
export interface Marks {
  marks: Written[];
  to: number;
}

export type FetchMarks = (from: number, to: number) => Promise<Marks>;

/** Output of this much is asked for at once. */
const PAGE = 1024 * 1024;

/** The most marks kept, those asked for last. */
const KEPT = 300_000;

/** An answer of so many marks may not be all there is by now. */
const MANY = 10_000;

/** How long to wait before asking again for what the hub didn't have, in ms. */
const PATIENCE = 1000;

interface Page {
  marks: Written[];
  /** The offset up to which they are known. */
  to: number;
  asking: boolean;
  /** When to ask again at the earliest, by `performance.now()`. */
  next: number;
}

export class Timing {
  /** By number, those asked for last at the end. */
  #pages = new Map<number, Page>();

  constructor(
    private fetch: FetchMarks,
    private onChange: () => void,
  ) {}

  /** When and how the byte at `offset` was written; undefined while that isn't known, which is asked for. */
  of(offset: number): Written | undefined {
    const page = this.#page(Math.floor(offset / PAGE));
    if (offset >= page.to) void this.#ask(page, Math.floor(offset / PAGE));
    return find(page, offset);
  }

  /** The same, without asking. */
  known(offset: number): Written | undefined {
    const page = this.#pages.get(Math.floor(offset / PAGE));
    return page && find(page, offset);
  }

  #page(n: number): Page {
    const page = this.#pages.get(n) ?? { marks: [], to: n * PAGE, asking: false, next: 0 };
    this.#pages.delete(n);
    this.#pages.set(n, page);
    return page;
  }

  async #ask(page: Page, n: number): Promise<void> {
    if (page.asking || performance.now() < page.next) return;
    page.asking = true;
    page.next = performance.now() + PATIENCE;
    try {
      const { marks, to } = await this.fetch(page.to, (n + 1) * PAGE);
      if (to <= page.to) return;
      for (const mark of marks) page.marks.push(mark);
      page.to = to;
      if (marks.length >= MANY) page.next = 0;
      this.#forget();
      this.onChange();
    } catch {
      // Whoever still wants to know asks again.
    } finally {
      page.asking = false;
    }
  }

  #forget(): void {
    let kept = 0;
    for (const page of this.#pages.values()) kept += page.marks.length;
    for (const [n, page] of this.#pages) {
      if (kept <= KEPT || this.#pages.size === 1) return;
      kept -= page.marks.length;
      this.#pages.delete(n);
    }
  }
}

function find({ marks, to }: Page, offset: number): Written | undefined {
  if (offset >= to) return undefined;
  const mark = marks[lastWhere(marks.length, (i) => (marks[i]?.[0] ?? 0) <= offset)];
  return mark && mark[0] <= offset ? mark : undefined;
}
