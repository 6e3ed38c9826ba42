import type { LabelledSet } from "@tandem/core/data";
import { createRng } from "@tandem/core/rng";
import { u8 } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import { expect, it } from "vitest";
import { classificationScores } from "./cas";

/** Pictures of class 1 are bright; `flipped` ones, every other of a class, have the wrong label. */
function pictures(count: number, seed: number, flipped = 0): LabelledSet {
  const rng = createRng(seed);
  const bright = Int32Array.from({ length: count }, (_, i) => i % 2);
  const pixels = Uint8Array.from(
    { length: count * 8 * 8 * 3 },
    (_, i) => rng.integer(80) + 170 * bright[Math.floor(i / 192)],
  );
  const labels = bright.map((label, i) => (i < flipped ? 1 - label : label));
  return { size: count, labels, images: u8([count, 8, 8, 3], pixels) };
}

const options = { classes: 2, epochs: 10, seed: 1 };

it("good pictures train as real ones do; wrong ones mislead, and are seen to be wrong", async () => {
  await startNodeEngine();
  const real = { train: pictures(64, 1), test: pictures(40, 2) };
  expect(await classificationScores(pictures(64, 3), real, options)).toEqual({
    paintedToReal: 1,
    realToPainted: 1,
    realToReal: 1,
  });
  // All labels the wrong way round mislead wholly; a quarter of them is a quarter of the reverse.
  const misled = await classificationScores(pictures(64, 3, 64), real, options);
  expect(misled).toEqual({ paintedToReal: 0, realToPainted: 0, realToReal: 1 });
  const some = await classificationScores(pictures(64, 3, 16), real, options);
  expect(some.realToPainted).toBe(0.75);
});
