import type { BlobHash } from "@tandem/core/ids";
import { startNodeEngine } from "@tandem/engine/node";
import type { ExperimentView } from "@tandem/protocol/view";
import { createMemoryBlobs } from "@tandem/storage/memory-blobs";
import { createMemoryPair } from "@tandem/transport/memory";
import { beforeAll, describe, expect, it } from "vitest";
import { type Faults, planFaults, type ShareFault } from "./faults";
import { createFaultyClients } from "./faulty-clients";
import { runTiny } from "./testing/tiny-simulation";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

const strategyConfig = { localEpochs: 1, warmUpEpochs: 0 };
const run = (faults: Faults, clients = 4, rounds = 4) =>
  runTiny("fedavg", { clients, faults, config: { rounds, strategyConfig } });
const answered = async (faults: Faults, clients?: number, rounds?: number) => {
  const { view } = await run(faults, clients, rounds);
  return view.rounds.map(({ cohort, uploads, refused }) => ({ cohort, uploads, refused }));
};

/** What two clients' server sees of one round, in order, where the first of them is struck. */
async function seenOf(fault: ShareFault): Promise<readonly string[]> {
  const seen: string[] = [];
  const status = ["working", "working"];
  const plan = {
    ...planFaults({ seed: 1 }, { clients: 2, rounds: 2 }),
    fate: (slot: number) => (slot === 0 ? fault : "answers"),
  };
  const faulty = createFaultyClients(plan, {
    view: async () =>
      ({
        status: "running",
        phase: "collecting",
        clients: status.map((now, slot) => ({ slot, status: now })),
      }) as unknown as ExperimentView, // of which no more is looked at
    clock: { now: () => 0, after: () => () => {} },
  });
  const instruction = { round: 1, hash: "0" as BlobHash, bytes: 0, deadlineMs: 1 };
  const answers = status.map(async (_, slot) => {
    const opened: ReturnType<typeof createMemoryPair>["server"][] = [];
    const channel = faulty.channel(slot, () => {
      const { client, server } = createMemoryPair({ blobs: createMemoryBlobs() });
      server.handle("upload", async () => {
        seen.push(`${slot} answers`);
        status[slot] = "idle";
        return { ok: true, duplicate: false };
      });
      server.onClose(() => seen.push(`${slot} is cut off`));
      opened.push(server);
      return client;
    });
    const answered = new Promise<void>((resolve, reject) =>
      channel.on("instruct", ({ round }) => {
        seen.push(`${slot} begins`);
        const { hash } = instruction;
        const answer = () =>
          channel.request("upload", { round, instruction: hash, hash, metrics: {}, signature: "" });
        answer()
          .catch(answer)
          .then(() => resolve(), reject);
      }),
    );
    opened[0].send("instruct", instruction);
    await answered;
  });
  await Promise.all(answers);
  return seen;
}

describe("faults", () => {
  it.each([
    ["delay", ["0 begins", "1 begins", "1 answers", "0 answers"]],
    ["freeze", ["1 begins", "1 answers", "0 begins", "0 answers"]],
    ["disconnect", ["0 begins", "0 is cut off", "1 begins", "1 answers", "0 answers"]],
  ] as const)("of kind %s befall who is struck, and nobody else", async (fault, expected) => {
    expect(await seenOf(fault)).toEqual(expected);
  });

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
        metrics,
      ];
      expect(learnt(stormy)).toEqual(learnt(calm));
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
