import { concatenate, type LabelledSet, type Modality, modalitiesOf } from "@tandem/core/data";
import type { DealtData } from "@tandem/core/federated-data";
import { onlyModalities } from "@tandem/core/presence";
import type { BlobStore } from "@tandem/core/stores";
import { decodeLabelledSet, encodeLabelledSet } from "@tandem/protocol/labelled-set";

/**
 * Gives each of the first `count` places the samples of all of them, for strategies that need pooled
 * data. A place of one modality takes pictures or captions from pairs too; one of both takes pairs.
 */
export async function poolPlaces(
  data: DealtData,
  count: number,
  blobs: BlobStore,
): Promise<DealtData> {
  const places = data.slots.slice(0, count);
  const sets = await Promise.all(
    places.map(async ({ shard }) => decodeLabelledSet(await blobs.get(shard.hash))),
  );
  const pooled = await Promise.all(
    places.map(async (place) => {
      const held = modalitiesOf(place.modality);
      const set = concatenate(sets.flatMap((own) => partOf(own, held)));
      const bytes = encodeLabelledSet(set);
      const shard = { hash: await blobs.put(bytes), bytes: bytes.length };
      return { ...place, source: "everybody", samples: set.size, shard };
    }),
  );
  return { ...data, slots: [...pooled, ...data.slots.slice(count)] };
}

/** The set in these modalities alone, unless it lacks one of them, or has late captions for no pictures. */
function partOf(set: LabelledSet, held: readonly Modality[]): readonly LabelledSet[] {
  if (held.includes("image") && !set.images) return [];
  if (held.includes("text") && !set.captions) return [];
  if (set.captionsFrom !== undefined && !held.includes("image")) return [];
  return [onlyModalities(set, held)];
}
