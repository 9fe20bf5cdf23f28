import { describe, expect, test } from "vitest";
import { fold, nothing, type Progress } from "../progress/fold";
import type { RunEvent } from "../protocol";
import { stepOf } from "./steps";

const STOP = { kind: "control", id: "A".repeat(24), do: "stop", by: "ada" };
const PAUSE = { ...STOP, do: "pause" };

function folded(...events: Record<string, unknown>[]): Progress {
  const progress = nothing();
  events.forEach((fields, seq) => {
    fold(progress, { seq, t: seq, at: 0, ...fields } as unknown as RunEvent);
  });
  return progress;
}

describe("how a job is being dealt with", () => {
  const sent = { ...STOP, state: "delivered", signal: "INT", next: { signal: "TERM", at: 12 } };

  test("a stop goes on from signal to signal", () => {
    const later = { ...STOP, state: "delivered", signal: "TERM" };
    expect(folded({ ...STOP, state: "accepted" }, sent).dealings.stopping).toMatchObject({ signal: "INT", by: "ada" });
    expect(folded(sent, later).dealings.stopping).toMatchObject({ signal: "TERM", next: undefined });
  });

  test("a pause lasts until the job goes on, or is stopped", () => {
    const paused = { ...PAUSE, state: "delivered", signal: "STOP" };
    const goesOn = { ...PAUSE, do: "signal", state: "delivered", signal: "CONT" };
    expect(folded({ ...PAUSE, state: "accepted" }).dealings.paused).toBeUndefined();
    expect(folded(paused).dealings.paused).toMatchObject({ by: "ada" });
    expect(folded(paused, goesOn).dealings.paused).toBeUndefined();
    expect(folded(paused, sent).dealings.paused).toBeUndefined();
    expect(folded(paused, { kind: "exit", code: null, signal: 9 }).dealings.paused).toBeUndefined();
  });

  test("the audit trail is among the notes", () => {
    const { notes, counts } = folded(
      { ...STOP, state: "accepted" },
      sent,
      { ...PAUSE, state: "refused", reason: "not_allowed" },
      { ...STOP, state: "exited" },
    );
    expect(notes.map(({ text }) => text)).toEqual([
      "ada: Stop · SIGINT sent",
      "ada: Pause · refused: the run was started without --control",
      "ada: Stop · the job has ended",
    ]);
    expect(counts).toEqual({ info: 3, warning: 0, error: 0 });
  });

  test.each([{ do: "format" }, { state: "toString" }, { do: 7 }])("%j is no step", (hostile) => {
    expect(
      stepOf({ seq: 0, t: 0, at: 0, ...STOP, state: "accepted", ...hostile } as unknown as RunEvent),
    ).toBeUndefined();
  });

  test.each([
    [{ next: { signal: "TERM", at: "soon" } }, { next: undefined }],
    [{ next: 7 }, { next: undefined }],
    [{ by: "\u202eada\n" }, { by: "ada" }],
    [{ reason: "constructor" }, { reason: undefined }],
    [{ signal: {} }, { signal: "" }],
  ])("%j is read harmlessly", (hostile, read) => {
    expect(stepOf({ seq: 0, t: 0, at: 0, ...sent, ...hostile } as unknown as RunEvent)).toMatchObject(read);
  });
});
