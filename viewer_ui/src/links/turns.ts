/** Tells of answers that overtake one another which are news. */

export class Turns {
  #begun = 0;
  #heard = 0;

  /** Begins to ask; whether the answer is newer than what was heard last is told once it is there. */
  begin(): () => boolean {
    const turn = ++this.#begun;
    return () => {
      const isNews = turn > this.#heard;
      if (isNews) this.#heard = turn;
      return isNews;
    };
  }
}
