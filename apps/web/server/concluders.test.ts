import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { concludeHere } from "@tandem/coordinator/concluding";
import { clientId } from "@tandem/core/ids";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import { f32 } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import { encodePayload } from "@tandem/protocol/payload-codec";
import { strategyNamed } from "@tandem/strategies/registry";
import { expect, onTestFinished, test } from "vitest";
import { createConcluders } from "./concluders";

const noted: string[] = [];
const told = {
  signal: new AbortController().signal,
  progress: (_: number, note: string) => void noted.push(note),
};
const classes = ["a", "b"];

function open(strategy: string, settings = {}) {
  const concluders = createConcluders();
  onTestFinished(() => concluders.close());
  const { parse, server } = strategyNamed(strategy);
  const config = parse(settings);
  const half = server(config);
  return { there: concluders.concluder(strategy, config), here: concludeHere(half), half };
}

const update = (arrays: Payload["arrays"], id = "c") => ({
  client: { id: clientId(id), modality: "image" as const, architecture: "cnn", samples: 10 },
  age: 0,
  payload: { arrays, meta: {} },
});
const given = (state: Payload, sum: Payload) => ({
  ...{ seed: 7, round: 3, classes, late: [], state: encodePayload(state) },
  // What goes to another thread is gone here.
  sum: structuredClone(sum),
});
const weights = (value: number) => ({ w: f32([4000], new Float32Array(4000).fill(value)) });

test("a round ends with the same bytes in another thread, and fails with the same words", async () => {
  const { there, here, half } = open("fedavg");
  const first = half.accumulate(undefined, update(weights(0.3), "a"));
  const sum = half.accumulate(first, update(weights(-0.7), "b"));
  const [a, b] = [there, here].map((one) => one.conclude(given(emptyPayload, sum), told));
  expect(Buffer.compare((await a).state, (await b).state)).toBe(0);
  expect((await a).state.length).toBeGreaterThan(4 * 4000);
  const broken = { ...given(emptyPayload, sum), state: new Uint8Array(20) };
  const why = await here.conclude(broken, told).catch((error) => error);
  expect(why).toMatchObject({ code: "bad-data" });
  await expect(
    there.conclude({ ...broken, sum: structuredClone(sum) }, told),
  ).rejects.toMatchObject({
    code: why.code,
    message: why.message,
  });
  const state = { arrays: weights(0.25), meta: { round: 3 }, encoding: { w: "f16" as const } };
  expect(Buffer.compare(await there.encode(state), encodePayload(state))).toBe(0);
  expect(state.arrays.w.data[3999]).toBe(0.25); // it is still the caller's
});

test("what the server trains is trained there, to the same bits", async () => {
  await startNodeEngine();
  const { there, here, half } = open("fedgen", { generatorSteps: 3 });
  const head = {
    "image.head.weight": f32([2, 2], [1, 0, 0.5, 1]),
    "image.head.bias": f32([2], [0, 0.1]),
    shares: f32([2], [0.5, 0.5]),
  };
  const sum = half.accumulate(undefined, update(head));
  const state = { arrays: {}, meta: { classes: 2, widths: {} } };
  const [a, b] = [there, here].map((one) => one.conclude(given(state, sum), told));
  expect((await a).metrics).toEqual((await b).metrics);
  expect(Buffer.compare((await a).state, (await b).state)).toBe(0);
});

test("a thread that ends fails what it was asked, and the next one is asked again", async () => {
  const { there, half } = open("fedavg");
  const begun = once(process, "worker");
  const sum = half.accumulate(undefined, update(weights(0.5)));
  const refused = expect(there.conclude(given(emptyPayload, sum), told)).rejects.toMatchObject({
    code: "unavailable",
  });
  const [worker] = (await begun) as [Worker];
  await worker.terminate();
  await refused;
  const again = await there.conclude(given(emptyPayload, sum), told);
  expect(again.state.length).toBeGreaterThan(4 * 4000);
});
