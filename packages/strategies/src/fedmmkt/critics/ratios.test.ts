import type { LabelledSet } from "@tandem/core/data";
import { createRng } from "@tandem/core/rng";
import { u8 } from "@tandem/core/tensor";
import { startNodeEngine } from "@tandem/engine/node";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { limit, ratiosOf } from "./ratios";

beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
});

const side = 8;
const rng = createRng("pictures");
/** A bright spot on black, or a dark one on white; noise keeps them apart. */
function picture(isNegative: boolean): readonly number[] {
  const at = rng.integer(side * side);
  return Array.from({ length: side * side * 3 }, (_, i) => {
    const value = (Math.floor(i / 3) === at ? 200 : 10) + rng.integer(30);
    return isNegative ? 255 - value : value;
  });
}
const picturesOf = (negatives: readonly boolean[]) =>
  u8([negatives.length, side, side, 3], negatives.flatMap(picture));

const labels = Array.from({ length: 48 }, (_, i) => i % 3);
/** A sixth of the painted pictures are negatives. */
const negatives = labels.map((_, i) => Math.floor(i / 3) % 6 === 0);
const painted = { images: picturesOf(negatives), labels };

/** Negatives alone, of classes 0 and 2, and too few of class 1 to speak of. */
const own: LabelledSet = {
  size: 44,
  labels: Int32Array.from({ length: 44 }, (_, i) => (i < 20 ? 0 : i < 24 ? 1 : 2)),
  images: picturesOf(Array(44).fill(true)),
};
const ask = (data: LabelledSet, signal = new AbortController().signal, batches?: number) =>
  ratiosOf(data, painted, {
    classes: 3,
    rng: createRng("critic"),
    signal,
    ...(batches && { batches }),
  });

it("calls pictures of its own kind its own, and speaks of classes of which it holds five", async () => {
  const { ratios, held } = await ask(own);
  expect([...held]).toEqual([1, 0, 1]);
  const of = (isNegative: boolean) =>
    labels.flatMap((c, i) => (held[c] === 1 && negatives[i] === isNegative ? [ratios[i]] : []));
  expect(Math.min(...of(true))).toBeGreaterThan(Math.max(...of(false)));
  expect(Math.max(...ratios.map(Math.abs))).toBeLessThanOrEqual(limit);
});

it("repeats to the bit with one seed, and leaves no tensor behind", async () => {
  const first = await ask(own);
  const before = tf.memory().numTensors;
  const again = await ask(own);
  expect(again).toEqual(first);
  expect(tf.memory().numTensors).toBe(before);
});

it("who holds too few pictures, or none of a sample, says nothing", async () => {
  const present = { image: Uint8Array.from(own.labels, (_, i) => Number(i % 10 === 0)) };
  for (const data of [
    { ...own, present },
    { size: 1, labels: Int32Array.of(0) },
  ]) {
    const { ratios, held } = await ask(data);
    expect([...held]).toEqual([0, 0, 0]);
    expect(ratios.every((r) => r === 0)).toBe(true);
  }
});

it("has 50 batches, unless an audit asks for others", async () => {
  const { signal } = new AbortController();
  const usual = await ask(own);
  expect(await ask(own, signal, 50)).toEqual(usual);
  expect(await ask(own, signal, 99)).not.toEqual(usual);
});

it("is cancelled under way, and leaves no tensor behind then", async () => {
  await ask(own); // whatever tfjs keeps for good
  const before = tf.memory().numTensors;
  for (const at of [0, 0.25, 0.75]) {
    const abort = new AbortController();
    const onStep = (share: number) => share >= at && abort.abort();
    if (at === 0) abort.abort();
    const rng = createRng("cancelled");
    const asked = ratiosOf(own, painted, { classes: 3, rng, signal: abort.signal, onStep });
    await expect(asked).rejects.toMatchObject({ code: "cancelled" });
    expect(tf.memory().numTensors).toBe(before);
  }
});

it("no picture is answered for by a critic that has seen it", async () => {
  const images = picturesOf([false, false, false]);
  const { ratios } = await ratiosOf(
    own,
    { images, labels: [0, 1, 2] },
    { classes: 3, rng: createRng("alone"), signal: new AbortController().signal },
  );
  expect([...ratios]).toEqual([0, 0, 0]); // of one picture a class there is no other to learn from
});
