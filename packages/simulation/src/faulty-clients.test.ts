import type { MetricRecord } from "@tandem/core/experiment";
import { startNodeEngine } from "@tandem/engine/node";
import { beforeAll, describe, expect, it } from "vitest";
import { type Faults, planFaults } from "./faults";
import { runTiny } from "./world";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

const strategyConfig = { localEpochs: 1, warmUpEpochs: 0 };
const run = (faults: Faults, clients = 4, rounds = 4) =>
  runTiny("fedavg", { clients, faults, config: { rounds, strategyConfig } });
const keyOf = ({ round, client }: MetricRecord) => `${round}/${client ?? ""}`;
const answered = async (faults: Faults, clients?: number, rounds?: number) => {
  const { view } = await run(faults, clients, rounds);
  return view.rounds.map(({ cohort, uploads, refused }) => ({ cohort, uploads, refused }));
};

describe("faults", () => {
  it("of those that drop cost no deadline; all are asked again in the next round", async () => {
    const faults = { drop: 0.5, seed: 1 };
    const { fate } = planFaults(faults, { clients: 4, rounds: 4 });
    const expected = [1, 2, 3, 4].map((round) => ({
      cohort: 4,
      uploads: [0, 1, 2, 3].filter((slot) => fate(slot, round, 1) === "answers").length,
      refused: 0,
    }));
    expect(expected.map(({ uploads }) => uploads)).toEqual([1, 2, 3, 4]);
    expect(await answered(faults)).toEqual(expected);
  });

  it("that leave nobody let the round begin again", async () => {
    const rounds = await answered({ drop: 0.9, seed: 1 }, 2, 6);
    expect(rounds).toHaveLength(6);
    for (const { uploads } of rounds) expect(uploads).toBeGreaterThan(0);
  });

  it("of those that are late reach a strategy without use for them as refusals", async () => {
    const faults = { late: 0.5, seed: 1 };
    const { fate } = planFaults(faults, { clients: 4, rounds: 4 });
    const late = (round: number) =>
      [0, 1, 2, 3].filter((slot) => fate(slot, round, 1) === "late").length;
    expect(await answered(faults)).toEqual(
      [1, 2, 3, 4].map((round) => ({
        cohort: 4,
        uploads: 4 - late(round),
        refused: late(round),
      })),
    );
    expect(late(2)).toBeGreaterThan(0);
  });

  it("of those that are late are taken in by FedMMKT a round later, and counted", async () => {
    const faults = { late: 0.5, seed: 1 };
    const { fate } = planFaults(faults, { clients: 4, rounds: 4 });
    const late = [0, 1, 2, 3, 4].map(
      (round) => [0, 1, 2, 3].filter((slot) => round > 0 && fate(slot, round, 1) === "late").length,
    );
    const { view, metrics } = await runTiny("fedmmkt", {
      clients: 4,
      faults,
      config: { rounds: 4, strategyConfig: { ...strategyConfig, items: 16, transferEpochs: 1 } },
    });
    expect(
      view.rounds.map(({ uploads, refused, metrics: own }) => [
        uploads,
        refused,
        own["uploads/late"] ?? 0,
      ]),
    ).toEqual([1, 2, 3, 4].map((round) => [4 - late[round], 0, late[round - 1]]));
    // What they measured is known of all, in each round.
    expect(metrics.filter(({ client }) => client !== undefined)).toHaveLength(16);
  }, 60_000);

  it.each(["delay", "freeze", "disconnect"] as const)(
    "of kind %s cost a round nothing: it hears all, and learns the same to the byte",
    async (fault) => {
      const faults = { [fault]: 0.6, clockSkew: 86_400, seed: 1 };
      const { fate } = planFaults(faults, { clients: 4, rounds: 4 });
      const struck = [1, 2, 3].flatMap((round) =>
        [0, 1, 2, 3].filter((slot) => fate(slot, round, 1) === fault),
      );
      expect(struck.length).toBeGreaterThan(4);
      const [calm, stormy] = [await run({ seed: 1 }), await run(faults)];
      const learnt = ({ view, metrics }: typeof calm) => [
        view.rounds.map(({ uploads, refused, metrics: own }) => [uploads, refused, own]),
        [...metrics].sort((a, b) => keyOf(a).localeCompare(keyOf(b))), // they came in another order
      ];
      expect(learnt(stormy)).toEqual(learnt(calm));
      expect(stormy.metrics.map(keyOf)).not.toEqual(calm.metrics.map(keyOf)); // heard in another order
    },
  );

  it("of those that corrupt an answer are refused and counted, and asked again in the next round", async () => {
    const faults = { corrupt: 0.6, seed: 1 };
    const { fate } = planFaults(faults, { clients: 4, rounds: 4 });
    const corrupt = [1, 2, 3, 4].map(
      (round) => [0, 1, 2, 3].filter((slot) => fate(slot, round, 1) === "corrupt").length,
    );
    expect(corrupt).toEqual([3, 2, 1, 0]);
    expect(await answered(faults)).toEqual(
      corrupt.map((refused) => ({ cohort: 4, uploads: 4 - refused, refused })),
    );
  });

  it("of those that come and go change who is asked", async () => {
    const faults = {
      join: [{ clients: 1, round: 3 }],
      leave: [{ clients: 2, round: 4 }],
      seed: 1,
    };
    expect((await answered(faults)).map(({ cohort }) => cohort)).toEqual([3, 3, 4, 2]);
  });

  it("are the same for a seed, to the byte", async () => {
    const faults = { drop: 0.3, late: 0.2, join: [{ clients: 1, round: 2 }], seed: 3 };
    const [first, second] = [await run(faults), await run(faults)];
    expect(second.metrics).toEqual(first.metrics);
    expect(second.view).toEqual(first.view);
    const other = await run({ ...faults, seed: 4 });
    expect(other.metrics).not.toEqual(first.metrics);
  });
});
