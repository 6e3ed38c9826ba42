import type { LabelledSet } from "@tandem/core/data";
import { blobHash } from "@tandem/core/ids";
import { isPresent } from "@tandem/core/presence";
import { createRng } from "@tandem/core/rng";
import { u8 } from "@tandem/core/tensor";
import { decodeLabelledSet } from "@tandem/protocol/labelled-set";
import { createMemoryBlobs } from "@tandem/storage/memory-blobs";
import { expect, it } from "vitest";
import { federate } from "./federate";
import { loseModality, loseSamples } from "./missing";

const size = 200;
const pairs: LabelledSet = {
  size,
  labels: Int32Array.from({ length: size }, (_, i) => i % 4),
  images: u8([size, 1, 1, 3], new Uint8Array(size * 3).fill(9)),
  captions: Array.from({ length: size }, (_, i) => `caption ${i}`),
};
const seeded = () => createRng("missing");

it("places lose pictures and captions in turn, and a larger share those of a smaller", () => {
  const places = Array.from({ length: 12 }, (_, i) =>
    i % 3 === 0 ? ("text" as const) : ("image-text" as const),
  );
  const lost = (share: number) =>
    loseModality(places, share, seeded()).map((held, i) => (held === places[i] ? "" : held));
  expect(lost(0)).toEqual(Array(12).fill(""));
  let smaller = lost(0);
  for (const share of [0.25, 0.5, 0.75, 1]) {
    const now = lost(share);
    const count = share * 8;
    expect(now.filter((held) => held === "image").length).toBe(count / 2);
    expect(now.filter((held) => held === "text").length).toBe(count / 2);
    smaller.forEach((held, i) => {
      if (held) expect(now[i]).toBe(held);
    });
    smaller = now;
  }
});

it("samples lose one of the two, half of them each, and a larger share those of a smaller", () => {
  const lost = (share: number) => {
    const set = loseSamples(pairs, share, seeded());
    const rows = [...set.labels.keys()];
    const without = (modality: "image" | "text") =>
      rows.filter((row) => !isPresent(set, modality, row));
    return { image: without("image"), text: without("text") };
  };
  expect(loseSamples(pairs, 0, seeded())).toEqual(pairs);
  const [some, more] = [lost(0.3), lost(0.5)];
  expect([some.image.length, some.text.length]).toEqual([30, 30]);
  expect([more.image.length, more.text.length]).toEqual([50, 50]);
  expect(more.image).toEqual(expect.arrayContaining(some.image));
  expect(more.image.filter((row) => more.text.includes(row))).toEqual([]);
});

it("what is missing is missing from shards of pairs alone, and never from the test set", async () => {
  const blobs = createMemoryBlobs();
  const source = {
    classes: ["a", "b", "c", "d"],
    vocabulary: { words: [], buckets: 1 },
    deal: () => ({ pools: [{ source: "all", set: pairs }], test: pairs }),
  };
  const deal = async (missing: object) => {
    const options = { seed: 1, slots: 6, alpha: 1, ...missing };
    const { slots, test } = await federate(source, options, blobs);
    const read = async (hash: string) => decodeLabelledSet(await blobs.get(blobHash(hash)));
    expect(await read(test.hash)).toEqual(pairs);
    const shards = await Promise.all(slots.map(({ shard }) => read(shard.hash)));
    return slots.map((slot, i) => ({ ...slot, set: shards[i] }));
  };
  const whole = await deal({});
  const half = await deal({ missingClients: 0.5 });
  const changed = half.filter(({ modality }, i) => modality !== whole[i].modality);
  expect(changed.map(({ modality, architecture }) => [modality, architecture])).toEqual([
    ["image", expect.stringMatching(/^(cnn|mlp)/)],
  ]);
  expect(changed[0].set.captions).toBeUndefined();
  expect(half.map(({ set }) => set.labels)).toEqual(whole.map(({ set }) => set.labels));
  const holed = await deal({ missingSamples: 0.5 });
  holed.forEach(({ modality, set }, i) => {
    expect(set.labels).toEqual(whole[i].set.labels);
    const count = (mask?: Uint8Array) => mask?.filter((has) => !has).length ?? 0;
    const lost = modality === "image-text" ? Math.round(set.size / 2) : 0;
    expect(count(set.present?.image) + count(set.present?.text)).toBe(lost);
  });
  const late = await deal({ lateCaptions: 3 });
  expect(late.map(({ set }) => set.captionsFrom)).toEqual(
    late.map(({ modality }) => (modality === "image-text" ? 3 : undefined)),
  );
  expect((await deal({ lateCaptions: 1 }))[2].set).toEqual(whole[2].set);
});
