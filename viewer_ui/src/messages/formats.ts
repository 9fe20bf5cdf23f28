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

export class Formats {
  #whole: Intl.NumberFormat;
  #tenths: Intl.NumberFormat;
  #precise: Intl.NumberFormat;
  #short: Intl.NumberFormat;
  #tiny: Intl.NumberFormat;
  #plurals: Intl.PluralRules;
  #relative: Intl.RelativeTimeFormat;

  constructor(readonly language: string) {
    const numbers = (options: Intl.NumberFormatOptions) => new Intl.NumberFormat(language, options);
    this.#whole = numbers({ maximumFractionDigits: 0 });
    this.#tenths = numbers({ minimumFractionDigits: 1, maximumFractionDigits: 1 });
    this.#precise = numbers({ maximumSignificantDigits: 4 });
    this.#short = numbers({ notation: "compact", maximumSignificantDigits: 3 });
    this.#tiny = numbers({ notation: "scientific", maximumSignificantDigits: 3 });
    this.#plurals = new Intl.PluralRules(language);
    this.#relative = new Intl.RelativeTimeFormat(language, { style: "short" });
  }

  /** 12,288. */
  whole(n: number): string {
    return this.#whole.format(n);
  }

  /** 1.2. */
  tenths(n: number): string {
    return this.#tenths.format(n);
  }

  /** 88, 0.3333, 12,000, 3.4M: short enough for a column. */
  figure(n: number): string {
    const far = Math.abs(n);
    if (far >= 1e15 || (far > 0 && far < 1e-4)) return this.#tiny.format(n).toLowerCase();
    if (far >= 1e6) return this.#short.format(n);
    return far >= 1000 || Number.isInteger(n) ? this.whole(n) : this.#precise.format(n);
  }

  /** The form of a noun that goes with `n`. */
  form(n: number, forms: Forms): string {
    return forms[this.#plurals.select(n)] ?? forms.other;
  }

  /** 1 line, 12,288 lines. */
  count(n: number, forms: Forms): string {
    return `${this.whole(n)} ${this.form(n, forms)}`;
  }

  /** 12 min. ago, 3 days ago: so many seconds, in the largest unit of which there is one. */
  ago(seconds: number): string {
    const [unit, length] = UNITS.find(([, each]) => seconds >= each) ?? (["second", 1] as const);
    return this.#relative.format(-Math.floor(seconds / length), unit);
  }

  /** Date and time of Unix `seconds` here, as the reader's region writes them. */
  moment(seconds: number): string {
    const region = navigator.languages.find((tag) => tag.split("-")[0] === this.language.split("-")[0]);
    return new Date(seconds * 1000).toLocaleString(region ?? this.language);
  }
}
