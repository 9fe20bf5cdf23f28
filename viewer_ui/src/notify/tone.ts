/** A short tone: rising where all is well, falling where it isn't. */

import type { Moment } from "./moments";

/** In Hz, one after the other. */
const NOTES: Record<Moment, number[]> = {
  succeeded: [523, 659, 784],
  failed: [440, 330, 262],
  killed: [440, 330, 262],
  stalled: [440, 440],
};

/** Seconds a note lasts, and how loud it is at first. */
const LENGTH = 0.18;
const LOUD = 0.15;

let context: AudioContext | undefined;

/** To be called while the reader clicks: only then do browsers let a page sound later. */
export function prepareTone(): void {
  context ??= new AudioContext();
  void context.resume();
}

export function playTone(moment: Moment): void {
  prepareTone();
  NOTES[moment].forEach((pitch, i) => {
    if (context) playNote(context, pitch, context.currentTime + i * LENGTH);
  });
}

function playNote(context: AudioContext, pitch: number, at: number): void {
  const note = new OscillatorNode(context, { frequency: pitch });
  const volume = new GainNode(context, { gain: LOUD });
  volume.gain.setValueAtTime(LOUD, at);
  volume.gain.exponentialRampToValueAtTime(0.001, at + LENGTH);
  note.connect(volume).connect(context.destination);
  note.start(at);
  note.stop(at + LENGTH);
}
