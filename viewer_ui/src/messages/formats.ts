/** Numbers, plurals and moments as a language writes them, by Intl. */

/** The forms of a noun: `other`, and those in which the language differs from it. */
export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

const UNITS = [
  ["year", 365 * 86400],
  ["month", 30 * 86400],
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
] as const;

const NUMBERS = {
  whole: { maximumFractionDigits: 0 },
  tenths: { minimumFractionDigits: 1, maximumFractionDigits: 1 },
  precise: { maximumSignificantDigits: 4 },
  short: { notation: "compact", maximumSignificantDigits: 3 },
  tiny: { notation: "scientific", maximumSignificantDigits: 3 },
} as const satisfies Record<string, Intl.NumberFormatOptions>;

export class Formats {
  /** Made when first asked for: all of them at once cost a tenth of a second before the page has begun. */
  #numbers: Partial<Record<keyof typeof NUMBERS, Intl.NumberFormat>> = {};
  #plurals: Intl.PluralRules | undefined;
  #relative: Intl.RelativeTimeFormat | undefined;

  constructor(readonly language: string) {}

  /** 12,288. */
  whole(n: number): string {
    return this.#number("whole", n);
  }

  /** 1.2. */
  tenths(n: number): string {
    return this.#number("tenths", n);
  }

  /** 88, 0.3333, 12,000, 3.4M: short enough for a column. */
  figure(n: number): string {
    const far = Math.abs(n);
    if (far >= 1e15 || (far > 0 && far < 1e-4)) return this.#number("tiny", n).toLowerCase();
    if (far >= 1e6) return this.#number("short", n);
    return far >= 1000 || Number.isInteger(n) ? this.whole(n) : this.#number("precise", n);
  }

  /** The form of a noun that goes with `n`. */
  form(n: number, forms: Forms): string {
    this.#plurals ??= new Intl.PluralRules(this.language);
    return forms[this.#plurals.select(n)] ?? forms.other;
  }

  /** 1 line, 12,288 lines. */
  count(n: number, forms: Forms): string {
    return `${this.whole(n)} ${this.form(n, forms)}`;
  }

  /** 12 min. ago, 3 days ago: so many seconds, in the largest unit of which there is one. */
  ago(seconds: number): string {
    const [unit, length] = UNITS.find(([, each]) => seconds >= each) ?? (["second", 1] as const);
    this.#relative ??= new Intl.RelativeTimeFormat(this.language, { style: "short" });
    return this.#relative.format(-Math.floor(seconds / length), unit);
  }

  /** Date and time of Unix `seconds` here, as the reader's region writes them. */
  moment(seconds: number): string {
    const region = navigator.languages.find((tag) => tag.split("-")[0] === this.language.split("-")[0]);
    return new Date(seconds * 1000).toLocaleString(region ?? this.language);
  }

  #number(kind: keyof typeof NUMBERS, n: number): string {
    this.#numbers[kind] ??= new Intl.NumberFormat(this.language, NUMBERS[kind]);
    return this.#numbers[kind].format(n);
  }
}
