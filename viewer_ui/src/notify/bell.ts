/** Tells the reader, who may look elsewhere, when the run ends or goes silent: by a notification, a tone, or both. */

import type { Session } from "../feed/session";
import type { Info, State } from "../protocol";
import { sentence, stateWords } from "../words";
import { type Moment, momentOf } from "./moments";
import { playTone, prepareTone } from "./tone";

/** What the reader wants of this run; it holds for this tab. */
export interface Wishes {
  notify: boolean;
  sound: boolean;
}

/** Why there will be no notification though it was asked for. */
export type Hindrance = "denied" | "unsupported";

export class Bell {
  wishes: Wishes = { notify: false, sound: false };
  hindrance: Hindrance | undefined;
  #before: State | undefined;
  #run: string | undefined;

  constructor(private session: Session) {
    session.onChange(() => session.run && this.#look(session.run));
  }

  /** Asks the browser for leave, if it has to; to be called when the reader clicks, and never otherwise. */
  async setNotify(wanted: boolean): Promise<void> {
    this.hindrance = wanted ? await hindrance() : undefined;
    this.#set({ ...this.wishes, notify: wanted && !this.hindrance });
  }

  setSound(wanted: boolean): void {
    if (wanted) prepareTone();
    this.#set({ ...this.wishes, sound: wanted });
  }

  #set(wishes: Wishes): void {
    this.wishes = wishes;
    try {
      if (this.#run) sessionStorage.setItem(`bell ${this.#run}`, JSON.stringify(wishes));
    } catch {
      // Where nothing may be kept, it holds until the page is left.
    }
  }

  /** Beside the drawing of the page, which rests in a background tab. */
  #look(run: Info): void {
    if (this.#run !== run.id) {
      this.#run = run.id;
      this.wishes = remembered(run.id);
    }
    const moment = momentOf(this.#before, run);
    this.#before = run.state;
    if (moment) this.#ring(run, moment);
  }

  #ring(run: Info, moment: Moment): void {
    if (this.wishes.sound) playTone(moment);
    if (!this.wishes.notify) return;
    const state = stateWords(run, Date.now() / 1000 + this.session.status.skew);
    try {
      notify(`${state.shape} ${run.name}`, sentence(state), run.id);
    } catch {
      // Chrome on Android leaves notifications to service workers, and says so only now.
      this.hindrance = "unsupported";
      this.#set({ ...this.wishes, notify: false });
    }
  }
}

function notify(title: string, body: string, tag: string): void {
  const shown = new Notification(title, { body, tag });
  shown.onclick = () => {
    focus();
    shown.close();
  };
}

async function hindrance(): Promise<Hindrance | undefined> {
  if (!("Notification" in window) || !isSecureContext) return "unsupported";
  return (await Notification.requestPermission()) === "granted" ? undefined : "denied";
}

function remembered(run: string): Wishes {
  const granted = "Notification" in window && Notification.permission === "granted";
  try {
    const { notify, sound } = JSON.parse(sessionStorage.getItem(`bell ${run}`) ?? "{}");
    return { notify: notify === true && granted, sound: sound === true };
  } catch {
    return { notify: false, sound: false };
  }
}
