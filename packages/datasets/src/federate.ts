import { type ClientModality, concatenate, type LabelledSet, subset } from "@tandem/core/data";
import type { BlobReference, DataSlot, FederatedData } from "@tandem/core/federated-data";
import { createRng, type Rng } from "@tandem/core/rng";
import type { BlobStore } from "@tandem/core/stores";
import { encodeLabelledSet } from "@tandem/protocol/labelled-set";
import { dirichletPartition } from "./dirichlet";
import { vendors } from "./emoji-concepts";
import type { EmojiStyle } from "./emoji-style";

const modalities: readonly ClientModality[] = ["image", "text", "image-text"];
const architectures: Readonly<Record<ClientModality, readonly string[]>> = {
  image: ["cnn-small", "cnn-wide", "mlp-image"],
  text: ["bag", "transformer", "gru"],
  "image-text": ["dual-cnn-bag", "dual-cnn-gru", "dual-mlp-bag"],
};

/** Slot i: modality i mod 3, vendor i mod 4; so 12 slots are every pair of them once. */
const planOf = (slot: number) => {
  const modality = modalities[slot % 3];
  const names = architectures[modality];
  return {
    modality,
    vendor: vendors[slot % vendors.length],
    architecture: names[Math.floor(slot / 3) % names.length],
  };
};

/** Shards by Dirichlet label skew within each vendor, and a test set balanced over classes. */
export async function federate(
  source: EmojiStyle,
  options: { readonly seed: number; readonly slots: number; readonly alpha?: number },
  blobs: BlobStore,
): Promise<FederatedData> {
  const { seed, slots, alpha = 0.5 } = options;
  const rng = createRng(`federate/${seed}`);
  const put = async (bytes: Uint8Array): Promise<BlobReference> => ({
    hash: await blobs.put(bytes),
    bytes: bytes.length,
  });
  const plans = Array.from({ length: slots }, (_, slot) => ({ slot, ...planOf(slot) }));
  const shards: { slot: number; set: LabelledSet }[] = vendors.flatMap((vendor) => {
    const own = plans.filter((plan) => plan.vendor === vendor);
    if (own.length === 0) return [];
    const all = source.private[vendor];
    const parts = dirichletPartition({
      labels: all.labels,
      // As many parts as with a full cohort: a small cohort does not get larger shards.
      clients: Math.max(3, own.length),
      alpha,
      minimum: Math.min(40, Math.floor(all.size / Math.max(3, own.length) / 2)),
      rng: rng.fork(vendor),
    });
    return own.map(({ slot, modality }, i) => ({
      slot,
      set: withModality(subset(all, parts[i]), modality),
    }));
  });
  const byNumber = new Map(shards.map(({ slot, set }) => [slot, set]));
  const dataSlots: DataSlot[] = [];
  for (const { slot, modality, vendor, architecture } of plans) {
    const set = byNumber.get(slot);
    if (!set) throw new Error(`slot ${slot} has no shard`);
    const shard = await put(encodeLabelledSet(set));
    dataSlots.push({ modality, architecture, source: vendor, samples: set.size, shard });
  }
  return {
    classes: source.classes,
    slots: dataSlots,
    test: await put(encodeLabelledSet(balancedTest(source, rng.fork("test")))),
    vocabulary: await put(new TextEncoder().encode(JSON.stringify(source.vocabulary))),
  };
}

function withModality(set: LabelledSet, modality: ClientModality): LabelledSet {
  const { size, labels, images, captions } = set;
  return {
    size,
    labels,
    ...(modality !== "text" && images && { images }),
    ...(modality !== "image" && captions && { captions }),
  };
}

/** The same number of concepts of each class, each as all four vendors draw it. */
export function balancedTest(source: EmojiStyle, rng: Rng, perClass = 12): LabelledSet {
  const { labels } = source.test[vendors[0]];
  const rows = source.classes.flatMap((_, label) => {
    const members = Array.from(labels.keys()).filter((row) => labels[row] === label);
    return Array.from(rng.permutation(members.length).slice(0, perClass), (i) => members[i]);
  });
  return concatenate(vendors.map((vendor) => subset(source.test[vendor], Int32Array.from(rows))));
}
