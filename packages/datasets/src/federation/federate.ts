import { type ClientModality, type LabelledSet, modalitiesOf, subset } from "@tandem/core/data";
import type { ExperimentConfig } from "@tandem/core/experiment";
import type { DataSlot, DealtData } from "@tandem/core/federated-data";
import type { BlobReference } from "@tandem/core/ids";
import { onlyModalities } from "@tandem/core/presence";
import { createRng } from "@tandem/core/rng";
import type { BlobStore } from "@tandem/core/stores";
import { encodeLabelledSet } from "@tandem/protocol/labelled-set";
import { type Architectures, usualArchitectures } from "../architectures";
import type { Dataset, Deal } from "../dataset";
import { dirichletPartition } from "./dirichlet";
import { loseModality, loseSamples } from "./missing";

const modalities: readonly ClientModality[] = ["image", "text", "image-text"];
/** Slot i: modality i mod 3, pool i mod n; so with four pools 12 slots are every pair of them once. */
const planOf = (
  slot: number,
  modality: ClientModality,
  { pools, architectures }: { readonly pools: number; readonly architectures: Architectures },
) => {
  const names = architectures[modality];
  return {
    modality,
    pool: slot % pools,
    architecture: names[Math.floor(slot / 3) % names.length],
  };
};

/** Shards by Dirichlet label skew within each pool, less what is to be missing, and the whole test set. */
export async function federate(
  source: Pick<Dataset, "classes" | "vocabulary" | "architectures" | "deal">,
  options: Pick<ExperimentConfig, "seed" | "slots" | "alpha"> &
    Partial<
      Pick<ExperimentConfig, "missingClients" | "missingSamples" | "lateCaptions" | "benchmark">
    >,
  blobs: Pick<BlobStore, "put">,
): Promise<DealtData> {
  const { seed, slots, alpha, benchmark = "test" } = options;
  const { missingClients = 0, missingSamples = 0, lateCaptions = 0 } = options;
  const rng = createRng(`federate/${seed}`);
  const put = async (bytes: Uint8Array): Promise<BlobReference> => ({
    hash: await blobs.put(bytes),
    bytes: bytes.length,
  });
  const { architectures = usualArchitectures } = source;
  const { pools, test } = source.deal({ seed, slots, benchmark });
  const held = loseModality(
    Array.from({ length: slots }, (_, slot) => modalities[slot % 3]),
    missingClients,
    rng.fork("missing-clients"),
  );
  const plans = held.map((modality, slot) =>
    planOf(slot, modality, { pools: pools.length, architectures }),
  );
  const partsOf = pools.map(({ source: name, set }, pool) => {
    const own = plans.filter((plan) => plan.pool === pool).length;
    if (own === 0) return [];
    // As many parts as with a full cohort: a small cohort does not get larger shards.
    const clients = Math.max(3, own);
    return dirichletPartition({
      labels: set.labels,
      clients,
      alpha,
      minimum: Math.max(1, Math.min(40, Math.floor(set.size / clients / 2))),
      rng: rng.fork(name),
    });
  });
  const spoil = (pairs: LabelledSet, slot: number): LabelledSet => ({
    ...loseSamples(pairs, missingSamples, rng.fork(`missing-samples/${slot}`)),
    ...(lateCaptions > 1 && { captionsFrom: lateCaptions }),
  });
  const dataSlots: Required<DataSlot>[] = [];
  for (const [slot, { modality, pool, architecture }] of plans.entries()) {
    const { set, name } = inLanguage(pools[pool], slot, modality);
    const rows = partsOf[pool][Math.floor(slot / pools.length)];
    const dealt = onlyModalities(subset(set, rows), modalitiesOf(modality));
    const own = modality === "image-text" ? spoil(dealt, slot) : dealt;
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

/** What a place draws from, and what people call it: with captions, those of its language. */
function inLanguage(
  { source, set, translations = [] }: Deal["pools"][number],
  slot: number,
  modality: ClientModality,
) {
  if (translations.length === 0 || modality === "image") return { set, name: source };
  const turn = Math.floor(slot / 3) * 2 + (slot % 3) - 1; // among the places dealt captions
  const { language, captions } = translations[turn % translations.length];
  return { set: { ...set, captions }, name: `${source}, ${language}` };
}
