import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { matmul } from "@tandem/graph/linear";
import { softmax } from "@tandem/graph/normalise";
import { value } from "@tandem/graph/onnx-session";
import { constant, input } from "@tandem/graph/tensor";
import { expect, it } from "vitest";
import { backboneTable } from "./backbone-report";
import { browserTable } from "./browser";
import { leakPlot, leakTable } from "./leak";
import { asProduct, onnxEngine } from "./onnx";
import { gigaflop, operations } from "./operations";
import { classOf, profile } from "./profile";
import { table } from "./table";
import { median, takeTurns } from "./take-turns";
import { tfjsEngine } from "./tfjs";

it("the convolution and its gradients multiply equally often", () => {
  // 2 x 32 images x 28 x 28 places x 9 x 32 x 64 = 0.925 GFLOP
  for (const operation of operations.slice(2)) expect(gigaflop(operation)).toBeCloseTo(0.92484, 4);
  expect(gigaflop(operations[0])).toBeCloseTo(2 * 0.512 ** 3, 6);
});

it("every operation runs on wasm, on onnxruntime and as a product", async () => {
  const engines = [await tfjsEngine("wasm"), onnxEngine(1)];
  for (const operation of [...operations.slice(2), asProduct(operations[4])])
    for (const engine of engines) {
      const { run, release } = await engine.prepare(operation);
      expect(await run()).toBeGreaterThan(0);
      await release();
    }
});

it("candidates take turns; who has used its share sits out after three runs", async () => {
  const order: string[] = [];
  const candidate = (name: string, ms: number) => ({
    name,
    run: async () => {
      order.push(name);
      return ms;
    },
  });
  const timings = await takeTurns([candidate("slow", 400), candidate("fast", 100)], {
    seconds: 1,
    note: () => {},
  });
  // The first of each is the warm-up; half a second belongs to each.
  expect(order.join(" ")).toBe("slow fast slow fast slow fast slow fast fast fast");
  expect(timings).toEqual([
    { name: "slow", medianMs: 400, samples: 3 },
    { name: "fast", medianMs: 100, samples: 5 },
  ]);
});

it("the median of an even number is the mean of the middle two", () => {
  expect(median([9, 1, 4, 2])).toBe(3);
  expect(() => median([])).toThrow("nothing");
});

it("a profile's shares sum to 1 and name the operators that ran", async () => {
  const side = 256;
  const a = input("a", [side, side]);
  const data = value(new Float32Array(side * side).fill(0.01), [side, side]);
  const twice = matmul(matmul(a, a), constant(new Float32Array(side * side), [side, side]));
  const shares = await profile([{ outputs: { y: softmax(twice) }, inputs: { a: data } }], {
    threads: 1,
  });
  expect(Object.values(shares).reduce((sum, share) => sum + share)).toBeCloseTo(1, 6);
  expect(shares["matrix product"]).toBeGreaterThan(shares.softmax);
  expect(shares.softmax).toBeGreaterThan(0);
  expect(shares.convolution).toBe(0);
});

it.each([
  ["FusedConv", "convolution"],
  ["FusedMatMul", "matrix product"],
  ["LayerNormalization", "normalisation"],
  ["ReduceSum", "reduction"],
  ["Transpose", "data movement"],
  ["QuickGelu", "element-wise"],
] as const)("%s counts as %s", (operator, kind) => {
  expect(classOf(operator)).toBe(kind);
});

it("a table aligns its numbers to the right", () => {
  expect(
    table([
      ["", "a"],
      ["row", "12"],
    ]),
  ).toBe("      a\n-------\nrow  12\n");
});

it("memory that grows stands out, in the table and in the plot", () => {
  const sample = (round: number) => ({
    round,
    serverResident: 2 ** 30,
    serverHeap: 2 ** 20 * round,
    clientHeap: 2 ** 26,
    clientTensors: 0,
  });
  const samples = Array.from({ length: 10 }, (_, i) => sample(10 * (i + 1)));
  const report = { job: { rounds: 100, clients: 2, strategy: "fd" }, samples };
  const rows = leakTable(report).split("\n");
  expect(rows.find((row) => row.includes("resident"))).toMatch(/1024 MiB +1\.000$/);
  // Means of rounds 30 and 40, and of 90 and 100.
  expect(rows.find((row) => row.startsWith("server, JavaScript"))).toMatch(
    /35 MiB +95 MiB +2\.714$/,
  );
  expect(rows.find((row) => row.includes("tensors"))).toMatch(/–$/);
  expect(leakPlot(report)).toContain("hundredth of the 100 rounds");
});

/** Processes of a group that have not ended; what has ended may wait to be fetched. */
const runningOf = (group: number) =>
  spawnSync("ps", ["-A", "-o", "pgid=,stat=,args="], { encoding: "utf8" })
    .stdout.split("\n")
    .filter((line) => line.trim().startsWith(`${group} `) && !/^\s*\d+\s+Z/.test(line));

it("Ctrl-C ends the command with 130 and leaves no process behind", async () => {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "apps/cli/src/main.ts", "bench", "engine"],
    { stdio: ["ignore", "ignore", "pipe"], detached: true },
  );
  let told = "";
  for await (const chunk of child.stderr) {
    told += chunk;
    if (told.includes("·") && !child.killed) child.kill("SIGINT");
  }
  if (child.exitCode === null) await once(child, "exit");
  expect(child.exitCode).toBe(130);
  expect(told).toContain("stopped");
  // Detached, it and all that it has started are a group of their own.
  await expect.poll(() => runningOf(child.pid ?? 0), { timeout: 10_000 }).toEqual([]);
}, 120_000);

it("a table of backends tells how many times as fast as wasm each is, and why one is missing", () => {
  const timing = (name: string, medianMs: number) => ({ name, medianMs, samples: 3 });
  const text = browserTable({
    machine: { processor: "Some", cores: 2, node: "v20", at: "now" },
    browser: "Chromium 1",
    batch: 32,
    backends: [
      { name: "webgpu", device: "Some GPU" },
      { name: "webgl", device: "none: this browser offers no WebGL" },
      { name: "wasm", device: "processor, 1 thread" },
    ],
    architectures: [{ name: "vit", timings: [timing("webgpu", 5), timing("wasm", 20)] }],
  });
  expect(text).toContain("webgl: none: this browser offers no WebGL\n");
  expect(text).toMatch(/vit +5\.0 \(4\.00\) +20\.0\n/);
});

it("a table of backbones tells the mean over the seeds, of either vendor", () => {
  const text = backboneTable({
    job: {
      kind: "backbone",
      vendor: "noto",
      other: "twemoji",
      samples: [2],
      seeds: [1, 2],
      epochs: 3,
    },
    machine: { processor: "Some", cores: 2, node: "v20", at: "now" },
    backend: "wasm",
    asked: 10,
    milliseconds: 70.4,
    rows: [
      {
        architecture: "backbone-linear",
        samples: 2,
        runs: [
          { own: 0.5, other: 0.25, seconds: 1 },
          { own: 0.6, other: 0.25, seconds: 3 },
        ],
      },
    ],
  });
  expect(text).toContain("70 ms of the processor a picture");
  expect(text).toMatch(/backbone-linear +2 +55\.0 ± 7\.1 +25\.0 ± 0\.0 +2\.0 ± 1\.4\n/);
});
