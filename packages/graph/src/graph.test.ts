import { expect, it } from "vitest";
import { adamW } from "./adamw";
import { mul, square } from "./elementwise";
import { gradients } from "./gradients";
import { gather } from "./linear";
import { compile, floats, ids, value } from "./onnx-session";
import { sumAll } from "./shape";
import { input } from "./tensor";

it("gather adds the gradients of rows that are used twice", async () => {
  const table = input("table", [3, 2]);
  const rows = gather(table, input("ids", [3], "i64"));
  const [gradient] = gradients(sumAll(mul(rows, rows)), [table]);
  const graph = await compile({ gradient });
  const { gradient: result } = await graph.run({
    table: value(Float32Array.of(1, 2, 3, 4, 5, 6), [3, 2]),
    ids: ids([2, 0, 2], [3]),
  });
  // Σ x² over rows 2, 0, 2: 2x once for row 0, twice for row 2.
  expect([...floats(result)]).toEqual([2, 4, 0, 0, 20, 24]);
});

it("AdamW's first step is the learning rate against the sign, after clipping and decay", async () => {
  const x = input("x", [2]);
  const [gradient] = gradients(sumAll(mul(square(x), 0.5)), [x]); // = x = (3, -4), norm 5
  const graph = await compile(adamW({ x }, { x: gradient }, { clip: 1, weightDecay: 0.1 }));
  const one = (v: number) => value(Float32Array.of(v), []);
  const zero = value(new Float32Array(2), [2]);
  const out = await graph.run({
    x: value(Float32Array.of(3, -4), [2]),
    "m:x": zero,
    "v:x": zero,
    learningRate: one(0.01),
    correction1: one(1 - 0.9),
    correction2: one(1 - 0.999),
  });
  // Clipped to (0.6, -0.8); m/c1 = g, v/c2 = g², step = ±1, decay 0.1 x.
  expect(floats(out["next:x"])[0]).toBeCloseTo(3 - 0.01 * (1 + 0.3), 5);
  expect(floats(out["next:x"])[1]).toBeCloseTo(-4 + 0.01 * (1 + 0.4), 5);
  expect(floats(out["next:m:x"])[0]).toBeCloseTo(0.06, 6);
});
