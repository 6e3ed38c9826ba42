import type { ClientModality } from "@tandem/core/data";
import type { FederatedData } from "@tandem/core/federated-data";
import type { JoiningView, PlacesView } from "@tandem/protocol/view";
import { awayLimitMs } from "./places";
import type { Runtime } from "./runtime";

const modalities: readonly ClientModality[] = ["image", "text", "image-text"];

/** The places of an experiment, and what can be had of them at this moment. */
export function vacanciesOf(
  clients: Runtime["clients"],
  { slots, classes, test, vocabulary }: FederatedData,
  now: number,
): Omit<JoiningView, "disclosure"> {
  const held = new Set(
    [...clients.values()].flatMap(({ record, presence }) => {
      const isGone = presence.state === "away" && now - presence.since > awayLimitMs;
      return record.leftAt === undefined && !isGone ? [record.slot] : [];
    }),
  );
  const placesOf = (modality: ClientModality): readonly PlacesView[] => {
    const own = slots.flatMap((place, slot) =>
      place.modality === modality ? [{ ...place, slot }] : [],
    );
    if (own.length === 0) return [];
    return [
      {
        modality,
        total: own.length,
        free: own.filter(({ slot }) => !held.has(slot)).length,
        bytes: Math.max(...own.map(({ shard }) => shard.bytes)),
      },
    ];
  };
  return {
    classes: classes.length,
    places: modalities.flatMap(placesOf),
    sharedBytes: test.bytes + vocabulary.bytes,
  };
}
