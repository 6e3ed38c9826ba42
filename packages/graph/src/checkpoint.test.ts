import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession } from "onnxruntime-node";
import { expect, it } from "vitest";
import { silu } from "./activation";
import { checkpoint } from "./checkpoint";
import { add, mul, square } from "./elementwise";
import { gradients } from "./gradients";
import { matmul } from "./linear";
import { standardise } from "./normalise";
import { encodeOnnx } from "./onnx";
import { compile, floats, type Values, value } from "./onnx-session";
import { concat, reshape, sumAll } from "./shape";
import { input, size, type Tensor } from "./tensor";

const width = 128;
const depth = 12;
const names = Array.from({ length: depth }, (_, i) => `w${i}`);
const weights = names.map((name) => input(name, [width, width]));
const block = (x: Tensor, w: Tensor) =>
  add(x, silu(matmul(standardise(silu(matmul(standardise(x), w))), w)));
const x = input("x", [512, width]);
const numbers = (count: number) => Float32Array.from({ length: count }, (_, i) => Math.sin(i * i));
const inputs: Values = {
  x: value(numbers(512 * width), x.shape),
  ...Object.fromEntries(
    names.map((name, i) => [
      name,
      value(
        numbers(width * width).map((n) => (n * (i + 1)) / 100),
        [width, width],
      ),
    ]),
  ),
};

/** Of a stack of blocks, each a segment: the gradient as a single vector, as the trainer has it. */
function stackGradient(recompute: boolean): Tensor {
  const y = weights.reduce((h, w) => checkpoint([h], (h) => block(h, w)), x);
  const each = gradients(sumAll(square(y)), [...weights, x], { recompute });
  return concat(
    each.map((g) => reshape(g, [size(g.shape)])),
    0,
  );
}

it("gradients through segments are those of the whole graph", async () => {
  const run = async (recompute: boolean) => {
    const graph = await compile({ gradient: stackGradient(recompute) });
    const { gradient } = await graph.run(inputs);
    await graph.release();
    return floats(gradient);
  };
  const [kept, again] = [await run(false), await run(true)];
  const norm = (of: Float32Array) => Math.sqrt(of.reduce((sum, x) => sum + x * x, 0));
  expect(norm(again.map((x, i) => x - kept[i])) / norm(kept)).toBeLessThan(1e-6);
});

it("onnxruntime computes the segments again, one at a time, in a third of the memory", async () => {
  const [kept, again] = [await profile(stackGradient(false)), await profile(stackGradient(true))];
  // By block: 2 products forward, 2 again, 4 backward.
  expect(kept.products).toBe(6 * depth);
  expect(again.products).toBe(8 * depth);
  expect(again.peakBytes).toBeLessThan(kept.peakBytes / 3);
});

it("segments nest, share inputs and variables, and may leave some inputs unused", async () => {
  const [a, b] = [input("a", [2]), input("b", [2])];
  const inner = (p: Tensor, q: Tensor) => checkpoint([p, q], (p, q) => mul(mul(p, q), a));
  const outer = checkpoint([a, b], (p, q) => add(inner(p, q), mul(inner(p, p), q)));
  const [da, db] = gradients(sumAll(outer), [a, b], { recompute: true });
  const graph = await compile({ da, db });
  const results = await graph.run({
    a: value(Float32Array.of(2, 3), [2]),
    b: value(Float32Array.of(5, 7), [2]),
  });
  // a² b + a³ b: by a 2ab + 3a²b, by b a² + a³.
  expect([...floats(results.da)]).toEqual([20 + 60, 42 + 189]);
  expect([...floats(results.db)]).toEqual([4 + 8, 9 + 27]);
});

it("a segment names what it uses without being given it", () => {
  const a = input("a", [2, 3]);
  const hidden = square(a);
  const y = checkpoint([a], (a) => mul(a, hidden));
  expect(() => gradients(sumAll(y), [a], { recompute: true })).toThrow(
    "a segment uses a tensor of [2,3] that it was not given",
  );
});

type Event = { readonly args?: { readonly op_name?: string; readonly mem_in_use_peak?: string } };

/** One run with onnxruntime's profiler: its arena's peak, and how many products it computed. */
async function profile(gradient: Tensor) {
  const directory = await mkdtemp(join(tmpdir(), "tandem-checkpoint-"));
  const session = await InferenceSession.create(encodeOnnx({ gradient }), {
    intraOpNumThreads: 1,
    graphOptimizationLevel: "all",
    enableMemPattern: false,
    enableProfiling: true,
    profileFilePrefix: join(directory, "profile"),
    logSeverityLevel: 3,
  });
  await session.run(inputs);
  session.endProfiling();
  await session.release();
  const [file] = await readdir(directory);
  const events: readonly Event[] = JSON.parse(await readFile(join(directory, file), "utf8"));
  await rm(directory, { recursive: true });
  const nodes = events.flatMap(({ args }) => (args?.op_name ? [args] : []));
  return {
    peakBytes: Math.max(...nodes.map(({ mem_in_use_peak: peak }) => Number(peak ?? 0))),
    products: nodes.filter(({ op_name: name = "" }) => /MatMul|Gemm/.test(name)).length,
  };
}
