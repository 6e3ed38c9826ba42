import { startNodeEngine } from "@tandem/engine/node";
import { beforeAll, describe, expect, it } from "vitest";
import { runTiny } from "./testing/tiny-simulation";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

const strategyConfig = {
  localEpochs: 1,
  warmUpEpochs: 1,
  transferEpochs: 3,
  items: 32,
  learningRate: 0.003,
};
const config = { rounds: 4, alpha: 0.1 };

describe.each(["fedmmkt", "fedmd", "synthetic-only"])("%s", (strategy) => {
  /** Accuracy of the client that joins in the last round. */
  const newcomer = async (catchUp: boolean) => {
    const { view } = await runTiny(strategy, {
      clients: 4,
      faults: { join: [{ clients: 1, round: 4 }], seed: 1 },
      config: { ...config, strategyConfig: { ...strategyConfig, catchUp } },
    });
    return view.clients.find(({ slot }) => slot === 3)?.accuracy ?? Number.NaN;
  };

  it("who joins in round 4 and catches up ends better than who does not", async () => {
    expect(await newcomer(true)).toBeGreaterThan(await newcomer(false));
  }, 60_000);
});
