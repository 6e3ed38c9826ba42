import { type ClientModality, type LabelledSet, subset } from "@tandem/core/data";
import type { BlobReference, DataSlot, FederatedData } from "@tandem/core/federated-data";
import { createRng } from "@tandem/core/rng";
import type { BlobStore } from "@tandem/core/stores";
import { encodeLabelledSet } from "@tandem/protocol/labelled-set";
import type { Dataset } from "./dataset";
import { dirichletPartition } from "./dirichlet";

const modalities: readonly ClientModality[] = ["image", "text", "image-text"];
const architectures: Readonly<Record<ClientModality, readonly string[]>> = {
  image: ["cnn-small", "cnn-wide", "mlp-image"],
  text: ["bag", "transformer", "gru"],
  "image-text": ["dual-cnn-bag", "dual-cnn-gru", "dual-mlp-bag"],
};

/** Slot i: modality i mod 3, pool i mod n; so with four pools 12 slots are every pair of them once. */
const planOf = (slot: number, pools: number) => {
  const modality = modalities[slot % 3];
  const names = architectures[modality];
  return {
    modality,
    pool: slot % pools,
    architecture: names[Math.floor(slot / 3) % names.length],
  };
};

/** Shards by Dirichlet label skew within each pool, and the test set. */
export async function federate(
  source: Pick<Dataset, "classes" | "vocabulary" | "deal">,
  options: { readonly seed: number; readonly slots: number; readonly alpha: number },
  blobs: BlobStore,
): Promise<FederatedData> {
  const { seed, slots, alpha } = options;
  const rng = createRng(`federate/${seed}`);
  const put = async (bytes: Uint8Array): Promise<BlobReference> => ({
    hash: await blobs.put(bytes),
    bytes: bytes.length,
  });
  const { pools, test } = source.deal({ seed, slots });
  const plans = Array.from({ length: slots }, (_, slot) => planOf(slot, pools.length));
  const partsOf = pools.map(({ source: name, set }, pool) => {
    const own = plans.filter((plan) => plan.pool === pool).length;
    if (own === 0) return [];
    // As many parts as with a full cohort: a small cohort does not get larger shards.
    const clients = Math.max(3, own);
    return dirichletPartition({
      labels: set.labels,
      clients,
      alpha,
      minimum: Math.min(40, Math.floor(set.size / clients / 2)),
      rng: rng.fork(name),
    });
  });
  const dataSlots: DataSlot[] = [];
  for (const [slot, { modality, pool, architecture }] of plans.entries()) {
    const { source: name, set } = pools[pool];
    const rows = partsOf[pool][Math.floor(slot / pools.length)];
    const own = withModality(subset(set, rows), modality);
    const shard = await put(encodeLabelledSet(own));
    dataSlots.push({ modality, architecture, source: name, samples: own.size, shard });
  }
  return {
    classes: source.classes,
    slots: dataSlots,
    test: await put(encodeLabelledSet(test)),
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
