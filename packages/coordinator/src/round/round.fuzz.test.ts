import { type Phase, samplings } from "@tandem/core/experiment";
import { createRng, type Rng } from "@tandem/core/rng";
import { describe, expect, it } from "vitest";
import { published, ready, stateAfter, uploaded } from "../testing/round-events";
import { awaitedOf } from "./clients";
import { reduceRound } from "./round";
import { documentOf, type RoundDocument, roundState } from "./round-document";
import {
  type Effect,
  initialRound,
  type RoundEvent,
  type RoundRules,
  type RoundState,
} from "./round-state";

const rulesOf = (seed: number): RoundRules => ({
  rounds: 2,
  minClients: 2,
  quorum: 0.5,
  deadlineMs: 1000,
  seed,
  participation: [1, 0.5, 0.1][seed % 3],
  sampling: samplings[Math.floor(seed / 3) % 3],
  lateRounds: seed % 4,
});
const next: Readonly<Record<Phase, readonly Phase[]>> = {
  recruiting: ["generating", "publishing"],
  generating: ["publishing", "recruiting"],
  publishing: ["collecting"],
  // Back without any answer; whoever is ready is asked again at once.
  collecting: ["aggregating", "recruiting", "publishing"],
  // Back where the only answer is erased.
  aggregating: ["teaching", "recruiting", "publishing"],
  teaching: ["evaluating"],
  evaluating: ["recruiting", "generating"],
};

function randomEvent(rng: Rng, state: RoundDocument): RoundEvent {
  const client = "abcd"[rng.integer(4)];
  const all: readonly RoundEvent[] = [
    { type: "started" },
    ready(client),
    { type: "ready", client, paceMs: rng.integer(2000) },
    { type: "left", client },
    { type: "erased", clients: [client], ...(rng.integer(2) === 0 && { isRevised: true }) },
    uploaded(client),
    { type: "late", client, round: state.round - rng.integer(2), hash: `late ${client}` },
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
    { type: "extended", rounds: 1 },
    { type: "broken", message: "x" },
  ];
  return all[rng.integer(all.length)];
}

describe("any sequence of events", () => {
  it("keeps the invariants, replays to the same state, and finishes once the server does its work", () => {
    for (let seed = 0; seed < 1000; seed++) {
      const rng = createRng(seed);
      const rules = rulesOf(seed);
      const log: RoundEvent[] = [{ type: "started" }];
      let live = reduceRound(rules, initialRound, log[0]).state;
      let state = documentOf(live);
      let pending: Pending = {};
      for (let i = 0; i < 60; i++) {
        const event = randomEvent(rng, state);
        log.push(event);
        const [before, cohortBefore] = [state, live.cohort];
        const step = reduceRound(rules, live, event);
        state = documentOf(step.state);
        // Now and then the process begins again with what is stored.
        live = i % 8 === 0 ? roundState(JSON.parse(JSON.stringify(state))) : step.state;
        expect(live.awaited.equals(awaitedOf(live))).toBe(true);
        pending = after(pending, event, step.effects, state);
        expectProgress(rules, state, pending);
        if (event.type === "erased") expectErased(state, event.clients);
        else expectLate(rules, before, state);
        expect(state.round).toBeGreaterThanOrEqual(before.round);
        expect(state.round).toBeLessThanOrEqual(rules.rounds + state.addedRounds);
        if (state.phase === "publishing" && before.phase !== "publishing")
          expectCohort(rules, state);
        if (state.phase !== before.phase) expect(next[before.phase]).toContain(state.phase);
        for (const client of Object.keys(state.answers)) expect(state.cohort).toContain(client);
        for (const [client, hash] of Object.entries(before.answers))
          if (
            before.round === state.round &&
            cohortBefore === step.state.cohort &&
            state.phase === "collecting"
          )
            expect(state.answers[client]).toBe(hash);
      }
      expect(stateAfter(rules, log)).toEqual(state);
      expect(finish(rules, live)).toBe("finished");
      const [failed, waiting] = failing(rules, live);
      expectProgress(rules, documentOf(failed), waiting);
    }
  });
});

/** The share of the ready, some of them, and at least one. */
function expectCohort({ participation }: RoundRules, { cohort, ready }: RoundDocument): void {
  expect(ready).toEqual(expect.arrayContaining([...cohort]));
  expect(new Set(cohort).size).toBe(Math.max(1, Math.round(participation * ready.length)));
}

/** Nothing is left of them that a sum would take or a client be chosen by. */
function expectErased(
  { ready, phase, answers, closed, waitsSince, paces }: RoundDocument,
  clients: readonly string[],
): void {
  const open = ["collecting", "aggregating"].includes(phase) ? answers : {};
  for (const client of clients) {
    expect(ready).not.toContain(client);
    expect(Object.values(answers)).not.toContain(`of ${client}`);
    for (const held of [
      open,
      waitsSince,
      paces,
      ...closed.flatMap((one) => [one.answers, one.late]),
    ])
      expect(held).not.toHaveProperty(client);
  }
}

/** Late answers come from who was asked and has not answered, are due in time, and stay as they are. */
function expectLate(
  { lateRounds = 0 }: RoundRules,
  before: RoundDocument,
  state: RoundDocument,
): void {
  expect(state.closed.length).toBeLessThanOrEqual(lateRounds > 0 ? lateRounds + 1 : 0);
  for (const { round, cohort, answers, late } of state.closed) {
    const known = before.closed.find((closed) => closed.round === round)?.late ?? {};
    expect(late).toMatchObject(known);
    for (const [client, { takenIn }] of Object.entries(late)) {
      expect(cohort).toContain(client);
      expect(answers).not.toHaveProperty(client);
      expect(takenIn - round).toBeGreaterThanOrEqual(1);
      expect(takenIn - round).toBeLessThanOrEqual(lateRounds);
      // A round that is closed has taken in what it takes in.
      if (!(client in known)) expect(takenIn).toBeGreaterThanOrEqual(before.round);
    }
  }
}

type Pending = { readonly timer?: number; readonly work?: Phase };
const phaseOf: Readonly<Partial<Record<Effect["type"], Phase>>> = {
  prepare: "generating",
  publish: "publishing",
  aggregate: "aggregating",
  teach: "teaching",
  evaluate: "evaluating",
};

/** What is under way after a step, as the coordinator keeps it. */
function after(
  before: Pending,
  event: RoundEvent,
  effects: readonly Effect[],
  { status }: Pick<RoundState, "status">,
): Pending {
  let pending = event.type === "recovered" ? {} : before;
  for (const effect of effects) {
    const work = phaseOf[effect.type];
    if (effect.type === "set-deadline") pending = { timer: effect.deadline };
    else if (work) pending = { ...pending, work };
  }
  return status === "running" ? pending : {};
}

/** The round waits for a timer, for its own work or for clients, or it has ended. */
function expectProgress(rules: RoundRules, state: RoundDocument, { timer, work }: Pending): void {
  expect(state.failures).toBeLessThanOrEqual(3);
  if (state.status !== "running") return;
  expect(state.failures).toBeLessThan(3);
  if (state.phase === "collecting") {
    expect(timer).toBe(state.deadline);
    const here = state.cohort.filter((client) => state.ready.includes(client));
    const done = here.every((client) => client in state.answers || state.failed.includes(client));
    // Only those who have left are worth the wait.
    if (done) expect(here).toEqual([]);
  } else if (state.phase === "recruiting")
    expect(state.ready.length).toBeLessThan(rules.minClients);
  else expect(work).toBe(state.phase);
}

/** Where a round gets without a timer when all clients fail whatever they are asked. */
function failing(rules: RoundRules, start: RoundState): [RoundState, Pending] {
  let state = start;
  let pending: Pending = {};
  let events: readonly RoundEvent[] = [{ type: "recovered" }];
  for (let i = 0; events.length > 0; i++) {
    // Of three attempts a round, of a few steps each.
    expect(i).toBeLessThan(20 * (rules.rounds + start.addedRounds));
    const effects: Effect[] = [];
    for (const event of events) {
      const step = reduceRound(rules, state, event);
      pending = after(pending, event, step.effects, step.state);
      effects.push(...step.effects);
      state = step.state;
    }
    events = effects.flatMap((effect) => replyTo(effect, [...state.cohort]));
  }
  return [state, pending];
}

function replyTo({ type }: Effect, cohort: readonly string[]): readonly RoundEvent[] {
  if (type === "prepare") return [{ type: "prepared", state: "p" }];
  if (type === "publish") return [published];
  if (type === "aggregate") return [{ type: "aggregated", state: "a" }];
  if (type === "teach") return [{ type: "taught", state: "t" }];
  if (type === "evaluate") return [{ type: "evaluated" }];
  if (type !== "instruct") return [];
  return cohort.map((client) => ({ type: "failed", client, message: "x" }));
}

/** A server that does its work, two clients that answer, and time that passes. */
function finish(rules: RoundRules, start: RoundState): string {
  const resumed = reduceRound(rules, start, { type: "resumed" }).state;
  let { state, effects } = reduceRound(rules, resumed, { type: "recovered" });
  const most = 20 * (rules.rounds + start.addedRounds);
  for (let i = 0; i < most && state.status === "running"; i++) {
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
