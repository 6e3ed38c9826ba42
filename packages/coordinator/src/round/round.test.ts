import { describe, expect, it } from "vitest";
import { published, ready, reduceDocument, stateAfter, uploaded } from "../testing/round-events";
import type { RoundDocument } from "./round-document";
import type { RoundEvent, RoundRules } from "./round-state";

const rules: RoundRules = {
  rounds: 2,
  minClients: 2,
  quorum: 0.5,
  deadlineMs: 1000,
  seed: 1,
  participation: 1,
  sampling: "random",
};
const play = (events: readonly RoundEvent[], from?: RoundDocument) =>
  stateAfter(rules, events, from);
const begun: readonly RoundEvent[] = [
  { type: "started" },
  ready("a"),
  ready("b"),
  { type: "prepared", state: "s" },
  published,
];

const rest: readonly RoundEvent[] = [
  { type: "aggregated", state: "t" },
  { type: "taught", state: "u" },
  { type: "evaluated" },
];

describe("a round", () => {
  it("starts with enough clients, collects from all of them, and ends after the last round", () => {
    expect(play([{ type: "started" }, ready("a")]).phase).toBe("recruiting");
    const collecting = play(begun);
    expect(collecting).toMatchObject({ phase: "collecting", cohort: ["a", "b"], round: 1 });
    const closed = play([uploaded("a"), uploaded("b")], collecting);
    expect(closed.phase).toBe("aggregating");
    const second = play(rest, closed);
    expect(second).toMatchObject({
      phase: "generating",
      round: 2,
      answers: {},
      strategyState: "u",
    });
    const last = play(
      [{ type: "prepared", state: "s" }, published, uploaded("a"), uploaded("b"), ...rest],
      second,
    );
    expect(last.status).toBe("finished");
  });

  it("goes on with the quorum of the clients that the first round waited for", () => {
    // minClients 2, quorum 0.5: one is enough once the experiment is under way.
    const alone = play([uploaded("a"), { type: "left", client: "b" }], play(begun));
    expect(play(rest, alone)).toMatchObject({ round: 2, phase: "generating", ready: ["a"] });
    const empty = play([{ type: "left", client: "a" }, ...rest], alone);
    expect(empty).toMatchObject({ round: 2, phase: "recruiting" });
    expect(play([ready("b")], empty).phase).toBe("generating");
  });

  it("does not wait for a client that leaves or fails", () => {
    const collecting = play(begun);
    expect(play([uploaded("a"), { type: "left", client: "b" }], collecting).phase).toBe(
      "aggregating",
    );
    expect(
      play([{ type: "failed", client: "b", message: "x" }, uploaded("a")], collecting).phase,
    ).toBe("aggregating");
  });

  it("is tried again at once when all who are here fail, and fails after the third attempt", () => {
    const fail = (client: string, message = "x"): RoundEvent => ({
      type: "failed",
      client,
      message,
    });
    const again = play([...begun, fail("a"), fail("b")]);
    expect(again).toMatchObject({ status: "running", phase: "publishing", answers: {} });
    const failed = play(
      [published, fail("a"), fail("b"), published, fail("b"), fail("a", "out of memory.")],
      again,
    );
    expect(failed).toMatchObject({ status: "failed", round: 1, ready: ["a", "b"] });
    expect(failed.error).toMatch(/Round 1.*3 attempts.*a: out of memory\. Resume/);
    const resumed = play([{ type: "resumed" }], failed);
    expect(resumed).toMatchObject({ status: "running", phase: "publishing", error: null });
    const second = play([published, uploaded("a"), fail("b"), ...rest], resumed);
    expect(second).toMatchObject({ round: 2, failures: 0, lastFailure: null });
  });

  it("leaves the decision to the deadline when nobody is here who has failed", () => {
    const left = (client: string): RoundEvent => ({ type: "left", client });
    const fail: RoundEvent = { type: "failed", client: "a", message: "x" };
    expect(play([...begun, left("a"), left("b")]).phase).toBe("collecting");
    expect(play([...begun, fail, left("a"), left("b")]).phase).toBe("collecting");
    // b has only left, but all who are here have failed; the quorum is here for another attempt.
    expect(play([...begun, fail, left("b")])).toMatchObject({ phase: "publishing", failures: 1 });
  });

  it("that fails by its clients while it is paused is tried again when it is resumed", () => {
    const fail = (client: string): RoundEvent => ({ type: "failed", client, message: "x" });
    const paused = play([...begun, { type: "paused" }, fail("a"), fail("b")]);
    expect(paused).toMatchObject({ status: "paused", phase: "collecting" });
    expect(play([{ type: "resumed" }], paused)).toMatchObject({ phase: "publishing" });
    // Who comes back meanwhile is not set to work.
    expect(reduceDocument(rules, play([...begun, { type: "paused" }]), ready("a")).effects).toEqual(
      [],
    );
  });

  it("does not wait for a client that freezes, and does not ask it again until it speaks", () => {
    const deadline: RoundEvent = { type: "deadline", deadline: 1 };
    const second: RoundEvent = { type: "deadline", deadline: 2 };
    const closed = play([...begun, uploaded("a"), deadline]);
    expect(closed).toMatchObject({ phase: "aggregating", ready: ["a"] });
    // Below quorum the deadline is prolonged once, then the round starts again.
    expect(play([...begun, deadline])).toMatchObject({ phase: "collecting", extended: true });
    expect(play([...begun, deadline, deadline])).toMatchObject({ phase: "collecting" });
    const recruiting = play([...begun, deadline, second]);
    expect(recruiting).toMatchObject({ phase: "recruiting", ready: [], prepared: true });
    // What was prepared is published without the teacher's work being done again.
    expect(play([ready("a"), ready("b")], recruiting).phase).toBe("publishing");
  });

  it("asks a client again that comes back without having answered", () => {
    const gone = play([{ type: "left", client: "b" }], play(begun));
    expect(reduceDocument(rules, gone, ready("b")).effects).toEqual([
      { type: "instruct", client: "b" },
    ]);
    const answered = play([...begun, uploaded("b")]);
    expect(reduceDocument(rules, answered, ready("b")).effects).toEqual([]);
  });

  it("counts an upload once, and only from its cohort", () => {
    const twice = play([
      ...begun,
      uploaded("a"),
      { type: "uploaded", client: "a", hash: "other" },
      uploaded("x"),
    ]);
    expect(twice.answers).toEqual({ a: "of a" });
  });
});
