import type { JsonObject } from "@tandem/core/json";
import { createRng } from "@tandem/core/rng";
import { describe, expect, it } from "vitest";
import { reduceDocument, stateAfter, uploaded } from "../testing/round-events";
import { drawCohort } from "./cohort";
import { initialDocument, type RoundDocument, roundState } from "./round-document";
import type { RoundEvent, RoundRules } from "./round-state";

const rulesOf = (change: Partial<RoundRules>): RoundRules => ({
  rounds: 1000,
  minClients: 1,
  quorum: 1,
  deadlineMs: 1000,
  seed: 1,
  participation: 0.3,
  sampling: "random",
  ...change,
});
const drawn = (rules: RoundRules, document: RoundDocument) =>
  drawCohort(rules, roundState(document as unknown as JsonObject)); // plain JSON by its type
const ten = Array.from({ length: 10 }, (_, i) => `c${i}`);
const published: RoundEvent = { type: "published", instructions: {} };

/** The cohorts of rounds in which all answer who are asked. */
function cohorts(rules: RoundRules, arrivals: readonly RoundEvent[], rounds: number) {
  const play = (events: readonly RoundEvent[], from?: RoundDocument) =>
    stateAfter(rules, events, from);
  let state = play([...arrivals, { type: "started" }]);
  return Array.from({ length: rounds }, () => {
    state = play([{ type: "prepared", state: "s" }, published], state);
    const { cohort } = state;
    state = play(
      [
        ...cohort.map(uploaded),
        { type: "aggregated", state: "s" },
        { type: "taught", state: "s" },
        { type: "evaluated" },
      ],
      state,
    );
    return cohort;
  });
}
const arrive = (clients: readonly string[], paceOf: (client: string) => number | undefined) =>
  clients.map((client): RoundEvent => {
    const paceMs = paceOf(client);
    return { type: "ready", client, ...(paceMs !== undefined && { paceMs }) };
  });
const unknown = () => undefined;
const slow = (client: string) => (client < "c5" ? 2000 : 10);

describe.each(["random", "rotating", "capable"] as const)("%s", (sampling) => {
  it("asks the share, at least one, whatever the order of arrival; another seed asks others", () => {
    const rules = rulesOf({ sampling });
    const first = cohorts(rules, arrive(ten, slow), 20);
    for (const cohort of first) expect(cohort).toHaveLength(3);
    for (let seed = 0; seed < 20; seed++) {
      const order = Array.from(createRng(seed).permutation(10), (i) => ten[i]);
      expect(cohorts(rules, arrive(order, slow), 20)).toEqual(first);
    }
    expect(cohorts({ ...rules, seed: 2 }, arrive(ten, slow), 20)).not.toEqual(first);
    expect(cohorts({ ...rules, participation: 0.01 }, arrive(ten, slow), 1)[0]).toHaveLength(1);
    expect(cohorts({ ...rules, participation: 1 }, arrive(ten, slow), 1)[0]).toEqual(ten);
  });

  it("draws another attempt of a round anew", () => {
    const state = { ...initialDocument, ready: ten, round: 1 };
    const attempts = [0, 1, 2].map((failures) =>
      String(drawn(rulesOf({ sampling }), { ...state, failures })),
    );
    expect(new Set(attempts).size).toBeGreaterThan(1);
  });
});

it("random asks everybody about as often", () => {
  const asked = cohorts(rulesOf({}), arrive(ten, unknown), 1000).flat();
  // 300 of 1000 each, with a deviation of 14.
  for (const client of ten)
    expect(Math.abs(asked.filter((other) => other === client).length - 300)).toBeLessThan(60);
});

it("rotating lets nobody wait for longer than it takes to ask all", () => {
  const all = cohorts(rulesOf({ sampling: "rotating", participation: 0.5 }), arrive(ten, slow), 20);
  for (let round = 0; round < 20; round += 2)
    expect([...all[round], ...all[round + 1]].sort()).toEqual(ten);
});

describe("capable", () => {
  const rules = rulesOf({ sampling: "capable" });

  it("first asks those that answer within the deadline, and those of whom nothing is known", () => {
    const paceOf = (client: string) => (client === "c9" ? undefined : slow(client));
    const first = cohorts(rules, arrive(ten, paceOf), 3).flat();
    expect(first.every((client) => client >= "c5")).toBe(true);
    const many = cohorts(rules, arrive(ten, paceOf), 200).flat();
    expect(many).toContain("c9");
  });

  it("takes who has missed a deadline as slow, until it answers in time", () => {
    const missed = (state: RoundDocument, count: number) =>
      drawn(rules, state).filter((client) => client < "c5").length === count;
    const state = { ...initialDocument, ready: ten, round: 1 };
    const paces = Object.fromEntries(ten.map((client) => [client, client < "c5" ? null : 5]));
    expect(missed({ ...state, paces }, 0)).toBe(true);
    const collecting: RoundDocument = {
      ...state,
      ...{ status: "running", phase: "collecting", cohort: ["c0", "c1"], deadline: 1 },
      ...{ answers: { c1: "h" }, extended: true },
    };
    const closed = reduceDocument(rules, collecting, { type: "deadline", deadline: 1 }).state;
    expect(closed.paces).toEqual({ c0: null });
    const inTime = reduceDocument(rules, collecting, { type: "uploaded", client: "c0", hash: "h" });
    expect(inTime.state.paces).toEqual({ c0: 0 });
  });

  it("lets nobody starve: who has waited for seven rounds is asked, the longest first", () => {
    // ceil(2 / 0.3) = 7; five slow ones are due at once, three a round: two rounds.
    const all = cohorts(
      rules,
      arrive(ten, (client) => (client < "c5" ? 2000 : 10)),
      60,
    );
    for (const client of ten) {
      const rounds = all.flatMap((cohort, i) => (cohort.includes(client) ? [i + 1] : []));
      const waits = [0, ...rounds].map((round, i) => ([...rounds, 61][i] ?? 61) - round);
      expect(Math.max(...waits)).toBeLessThanOrEqual(8);
    }
  });
});
