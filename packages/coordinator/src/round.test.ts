import type { Phase } from "@tandem/core/experiment";
import { createRng, type Rng } from "@tandem/core/rng";
import { describe, expect, it } from "vitest";
import { initialRound, type RoundEvent, type RoundState, reduceRound } from "./round";

const rules = { rounds: 2, minClients: 2, quorum: 0.5 };
const play = (events: readonly RoundEvent[], from: RoundState = initialRound) =>
  events.reduce((state, event) => reduceRound(rules, state, event).state, from);
const ready = (client: string): RoundEvent => ({ type: "ready", client });
const uploaded = (client: string): RoundEvent => ({
  type: "uploaded",
  client,
  hash: `of ${client}`,
});
const published: RoundEvent = {
  type: "published",
  instructions: { a: { hash: "i", bytes: 1 }, b: { hash: "i", bytes: 1 } },
};
const begun: readonly RoundEvent[] = [
  { type: "started" },
  ready("a"),
  ready("b"),
  { type: "prepared", state: "s" },
  published,
];

describe("a round", () => {
  it("starts with enough clients, collects from all of them, and ends after the last round", () => {
    expect(play([{ type: "started" }, ready("a")]).phase).toBe("recruiting");
    const collecting = play(begun);
    expect(collecting).toMatchObject({ phase: "collecting", cohort: ["a", "b"], round: 1 });
    const closed = play([uploaded("a"), uploaded("b")], collecting);
    expect(closed.phase).toBe("aggregating");
    const rest: RoundEvent[] = [
      { type: "aggregated", state: "t" },
      { type: "taught", state: "u" },
      { type: "evaluated" },
    ];
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

  it("does not wait for a client that leaves or fails", () => {
    const collecting = play(begun);
    expect(play([uploaded("a"), { type: "left", client: "b" }], collecting).phase).toBe(
      "aggregating",
    );
    expect(
      play([{ type: "failed", client: "b", message: "x" }, uploaded("a")], collecting).phase,
    ).toBe("aggregating");
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
    expect(reduceRound(rules, gone, ready("b")).effects).toEqual([
      { type: "instruct", client: "b" },
    ]);
    const answered = play([...begun, uploaded("b")]);
    expect(reduceRound(rules, answered, ready("b")).effects).toEqual([]);
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

const next: Readonly<Record<Phase, readonly Phase[]>> = {
  recruiting: ["generating", "publishing"],
  generating: ["publishing", "recruiting"],
  publishing: ["collecting"],
  // Back without any answer; whoever is ready is asked again at once.
  collecting: ["aggregating", "recruiting", "publishing"],
  aggregating: ["teaching"],
  teaching: ["evaluating"],
  evaluating: ["recruiting", "generating"],
};

function randomEvent(rng: Rng, state: RoundState): RoundEvent {
  const client = "abcd"[rng.integer(4)];
  const all: readonly RoundEvent[] = [
    { type: "started" },
    ready(client),
    { type: "left", client },
    uploaded(client),
    { type: "failed", client, message: "x" },
    { type: "deadline", deadline: state.deadline - rng.integer(2) },
    { type: "recovered" },
    published,
    { type: "prepared", state: `p${state.round}` },
    { type: "aggregated", state: `a${state.round}` },
    { type: "taught", state: `t${state.round}` },
    { type: "evaluated" },
    { type: "paused" },
    { type: "resumed" },
    { type: "broken", message: "x" },
  ];
  return all[rng.integer(all.length)];
}

describe("any sequence of events", () => {
  it("keeps the invariants, replays to the same state, and finishes once the server does its work", () => {
    for (let seed = 0; seed < 1000; seed++) {
      const rng = createRng(seed);
      const log: RoundEvent[] = [{ type: "started" }];
      let state = play(log);
      for (let i = 0; i < 60; i++) {
        const event = randomEvent(rng, state);
        log.push(event);
        const before = state;
        state = JSON.parse(JSON.stringify(reduceRound(rules, state, event).state));
        expect(state.round).toBeGreaterThanOrEqual(before.round);
        expect(state.round).toBeLessThanOrEqual(rules.rounds);
        if (state.phase === "publishing" && before.phase !== "publishing")
          expect(state.cohort).toEqual(state.ready);
        if (state.phase !== before.phase) expect(next[before.phase]).toContain(state.phase);
        for (const client of Object.keys(state.answers)) expect(state.cohort).toContain(client);
        for (const [client, hash] of Object.entries(before.answers))
          if (
            before.round === state.round &&
            before.cohort === state.cohort &&
            state.phase === "collecting"
          )
            expect(state.answers[client]).toBe(hash);
      }
      expect(play(log)).toEqual(state);
      expect(finish(state)).toBe("finished");
    }
  });
});

/** A server that does its work, two clients that answer, and time that passes. */
function finish(start: RoundState): string {
  let { state, effects } = reduceRound(rules, play([{ type: "resumed" }], start), {
    type: "recovered",
  });
  for (let i = 0; i < 40 && state.status === "running"; i++) {
    const events: RoundEvent[] = [ready("a"), ready("b"), uploaded("a"), uploaded("b")];
    for (const effect of effects) {
      const { type } = effect;
      if (type === "prepare") events.push({ type: "prepared", state: "p" });
      if (type === "aggregate") events.push({ type: "aggregated", state: "a" });
      if (type === "teach") events.push({ type: "taught", state: "t" });
      if (type === "evaluate") events.push({ type: "evaluated" });
      if (type === "publish") events.push(published);
      if (type === "set-deadline") events.push({ type: "deadline", deadline: effect.deadline });
    }
    effects = [];
    for (const event of events) {
      const step = reduceRound(rules, state, event);
      state = step.state;
      effects = [...effects, ...step.effects];
    }
  }
  return state.status;
}
