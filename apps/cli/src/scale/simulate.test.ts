import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { ProtocolRow } from "../bench/protocol";
import { root } from "../harness/server-process";
import { constantsOf, defaultConstants } from "./constants";
import { costsOf, type Scenario } from "./costs";
import { simulate } from "./simulate";
import { studyOf } from "./study";

const scenario: Scenario = {
  ...{ design: "nodes", clients: 20_000, cohort: 300, overSelection: 1.3, nodes: 3, teachers: 1 },
  ...{ method: "fedmmkt", parameters: 100_000, pictures: 256, rounds: 6, deadline: 600 },
  ...{ killEvery: 0, seed: 1 },
};

/** As `npm run bench -- protocol` has it: everybody answers at once, on the same machine. */
const bench = { latencySeconds: 0, trainSeconds: 0, dropOut: 0, clientMBps: 1e6 };
const asBenched = ({ clients, parameters }: { clients: number; parameters: number }) =>
  simulate(
    {
      ...{ ...scenario, design: "one", method: "fedavg", clients, parameters, nodes: 1 },
      ...{ cohort: clients, overSelection: 1, rounds: 20 },
    },
    constantsOf(bench),
  );
const times = (a: number, b: number) => Math.max(a / b, b / a);

/** The run that the constants come from. */
const recorded: { commit: string; rows: readonly ProtocolRow[] } = readFileSync(
  join(root, "results/bench/protocol.jsonl"),
  "utf8",
)
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line))
  .find(({ commit }) => commit === "69170d6");

it.each(recorded.rows)(
  "$clients clients of $parameters parameters do as many rounds a second as the bench",
  (row) => {
    const { roundsPerHour, ackP50, ackP99 } = asBenched(row);
    expect(times(roundsPerHour / 3600, row.roundsPerSecond)).toBeLessThan(1.1);
    // Nothing was fitted to acknowledgements.
    expect(times(1000 * ackP50, row.ackMsP50)).toBeLessThan(1.5);
    expect(times(1000 * ackP99, row.ackMsP99)).toBeLessThan(1.5);
  },
);

it.each([
  [4, 650],
  [8, 933],
  [16, 1064],
  [32, 3727],
])(
  "what a round of %d clients costs is within 2.6 times what the overhead bench measured once",
  (clients, ms) => {
    const cost = 3.6e6 / asBenched({ clients, parameters: 10_000 }).roundsPerHour;
    expect(times(cost, ms)).toBeLessThan(2.6);
  },
);

it("each use is the work of a round times rounds a second", () => {
  const c = constantsOf({ dropOut: 0 });
  const { clients, nodes, cohort, overSelection } = scenario;
  const rare = { ...scenario, rounds: 40, pictures: 4000 }; // late answers come within the round
  const { roundsPerHour, uses } = simulate(rare, c);
  const { notice, upload, background, answer, openRound } = costsOf(rare, c);
  const all = cohort * overSelection;
  const rate = roundsPerHour / 3600;
  const close = (share: number, expected: number) =>
    expect(Math.abs(share / expected - 1)).toBeLessThan(0.03);
  close(uses["web nodes"], background + (rate * all * (notice + upload)) / nodes);
  close(background, (clients * 2 * 37e-6) / 25 / nodes);
  close(uses.owner, rate * (openRound + all * answer));
  close(uses.teachers, (rate * 4000) / 16.8);
  close(uses.fusion, rate * cohort * 0.0024);
  close(uses.database, (rate * (all + 3)) / 2206);
});

it("the same seed gives the same, another does not", () => {
  expect(simulate(scenario, defaultConstants)).toEqual(simulate(scenario, defaultConstants));
  expect(simulate({ ...scenario, seed: 2 }, defaultConstants)).not.toEqual(
    simulate(scenario, defaultConstants),
  );
});

it("a node's death makes uploads come again and loses no round; who holds no connection has none to make again", () => {
  const busy = { ...scenario, cohort: 1500, killEvery: 2, pictures: 0 };
  const together = constantsOf({ trainSigma: 0.05 }); // so that over-selection does not hide it
  const calm = simulate({ ...busy, killEvery: 0 }, together);
  const struck = simulate(busy, together);
  expect(calm.repeated).toBe(0);
  expect(struck.repeated).toBeGreaterThan(0);
  expect(struck.late).toBe(0);
  expect(struck.roundsPerHour).toBeLessThan(calm.roundsPerHour);
  // 20,000 / 3 connections of 0.46 ms, by two nodes that have other work
  expect(struck.reconnectedAfter).toBeGreaterThan(20_000 / 3 / 2 / (1000 / 0.46));
  expect(simulate({ ...busy, design: "check-in" }, defaultConstants).reconnectedAfter).toBe(0);
});

it("a round that its cohort does not fill ends at the deadline", () => {
  const { late, roundsPerHour } = simulate(
    { ...scenario, overSelection: 1, deadline: 900 },
    defaultConstants,
  );
  expect(late).toBe(scenario.rounds);
  expect(roundsPerHour).toBeLessThan(4);
});

it.each([
  [{ pictures: 20_000 }, "teachers"],
  [{ pictures: 0, cohort: 5000, nodes: 100 }, "fusion"],
  [{ pictures: 0, cohort: 2000, nodes: 1 }, "web nodes"],
  [{ design: "one", nodes: 1, pictures: 0, cohort: 2000 }, "the process"],
  [{ overSelection: 1.05 }, "too few clients"],
  [{ pictures: 0, cohort: 20, nodes: 10 }, "clients"],
  [{ clients: 1e6, design: "one", nodes: 1 }, "memory for connections"],
  [{ clients: 2e6, nodes: 5 }, "memory for connections"],
] as const)("%j: the bottleneck is %s", (given, name) => {
  const { bottleneck } = studyOf({ ...scenario, rounds: 2, ...given }, defaultConstants);
  expect(bottleneck).toBe(name);
});

it("heartbeats alone can be too much for a node with memory enough", () => {
  const c = constantsOf({ nodeMiB: 1e6 });
  const { bottleneck, outcome } = studyOf({ ...scenario, clients: 1e6, nodes: 3 }, c);
  expect([bottleneck, outcome]).toEqual(["heartbeats of connections", undefined]);
});
