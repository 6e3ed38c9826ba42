import type { ClientModality, LabelledSet } from "@tandem/core/data";
import type { DataSlot } from "@tandem/core/federated-data";
import { withoutMasked } from "@tandem/core/presence";
import { u8 } from "@tandem/core/tensor";
import { decodeLabelledSet, encodeLabelledSet } from "@tandem/protocol/labelled-set";
import { createMemoryBlobs } from "@tandem/storage/memory-blobs";
import { expect, it } from "vitest";
import { poolPlaces } from "./pool-places";

const blobs = createMemoryBlobs();
const grey = (value: number) => u8([1, 1, 1, 3], [value, value, value]);
const one = (label: number) => ({ size: 1, labels: Int32Array.of(label) });

async function place(modality: ClientModality, set: LabelledSet): Promise<Required<DataSlot>> {
  const bytes = encodeLabelledSet(set);
  const shard = { hash: await blobs.put(bytes), bytes: bytes.length };
  return { modality, architecture: "any", source: "noto", samples: set.size, shard };
}

it("each place holds the samples of all that take part, as far as it can use them", async () => {
  const slots = [
    await place("image", { ...one(0), images: grey(10) }),
    await place("text", { ...one(1), captions: ["one"] }),
    await place("image-text", { ...one(2), images: grey(20), captions: ["two"] }),
    await place("image", { ...one(3), images: grey(30) }),
    await place("image", { ...one(4), images: grey(40) }),
  ];
  const reference = slots[0].shard;
  const data = { classes: ["a"], slots, test: reference, vocabulary: reference };
  const pooled = await poolPlaces(data, 4, blobs);
  const held = await Promise.all(
    pooled.slots.map(async ({ shard, samples }) => {
      const { labels, images, captions } = decodeLabelledSet(await blobs.get(shard.hash));
      expect(samples).toBe(labels.length);
      return [[...labels], images && [...images.data].filter((_, i) => i % 3 === 0), captions];
    }),
  );
  const pictures = [[0, 2, 3], [10, 20, 30], undefined];
  expect(held).toEqual([
    pictures,
    [[1, 2], undefined, ["one", "two"]],
    [[2], [20], ["two"]],
    pictures,
    [[4], [40], undefined], // takes no part
  ]);
});

it("samples that lack a modality are pooled only where they have one, and late captions with pictures", async () => {
  const two: LabelledSet = {
    size: 2,
    labels: Int32Array.of(0, 1),
    images: u8([2, 1, 1, 3], [1, 1, 1, 2, 2, 2]),
    captions: ["zero", "one"],
  };
  const slots = [
    await place("image", { ...one(3), images: grey(30) }),
    await place("text", { ...one(2), captions: ["two"] }),
    await place("image-text", withoutMasked(two, { image: Uint8Array.of(0, 1) })),
    await place("image-text", { ...two, captionsFrom: 3 }),
  ];
  const reference = slots[0].shard;
  const data = { classes: ["a"], slots, test: reference, vocabulary: reference };
  const pooled = await poolPlaces(data, 4, blobs);
  const [image, text, both] = await Promise.all(
    pooled.slots.map(async ({ shard }) => decodeLabelledSet(await blobs.get(shard.hash))),
  );
  expect([...image.labels]).toEqual([3, 1, 0, 1]);
  expect(text.captions).toEqual(["two", "zero", "one"]);
  expect(both.present).toEqual({ image: Uint8Array.of(0, 1, 1, 1) });
  expect(both.captionsFrom).toBe(3);
});
