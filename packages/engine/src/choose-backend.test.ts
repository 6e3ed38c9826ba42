import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { type Candidate, chooseBackend } from "./choose-backend";
import { startNodeEngine } from "./node";

const ready = async () => undefined;
const now = () => performance.now();

// Both are registered by now, with our kernels.
beforeAll(async () => {
  await startNodeEngine({ prefer: "cpu" });
  await startNodeEngine({ prefer: "wasm" });
});

it("a last resort is not tried where another will do", async () => {
  const { backend, report } = await chooseBackend(
    [
      { backend: "webgl", prepare: async () => "this browser offers no WebGL" },
      { backend: "wasm", prepare: ready },
      { backend: "cpu", prepare: ready, isLastResort: true },
    ],
    { now },
  );
  expect(backend).toBe("wasm");
  expect(report.map((line) => [line.backend, line.status, line.milliseconds])).toEqual([
    ["webgl", "skipped", undefined],
    ["wasm", "chosen", undefined],
  ]);
});

it("a backend that is missing fails, and a last resort is taken where nothing else will do", async () => {
  const candidates: readonly Candidate[] = [
    { backend: "webgpu", prepare: ready },
    { backend: "cpu", prepare: ready, isLastResort: true },
  ];
  const { backend, report } = await chooseBackend(candidates, { now });
  expect(backend).toBe("cpu");
  expect(report[0]).toMatchObject({ backend: "webgpu", status: "failed" });
});

// The last: the slower one is removed.
it("of two that are right the faster is taken, whichever comes first, and nothing is left", async () => {
  const before = tf.memory().numTensors;
  const { backend, report } = await chooseBackend(
    [
      { backend: "cpu", prepare: ready },
      { backend: "wasm", prepare: ready },
    ],
    { now },
  );
  expect([backend, tf.getBackend()]).toEqual(["wasm", "wasm"]);
  const [slower, faster] = report;
  expect(slower).toMatchObject({ backend: "cpu", status: "skipped", reason: "slower than wasm" });
  expect(faster).toMatchObject({ backend: "wasm", status: "chosen" });
  expect(slower.milliseconds).toBeGreaterThan(faster.milliseconds ?? Number.POSITIVE_INFINITY);
  expect(tf.memory().numTensors).toBe(before);
});
