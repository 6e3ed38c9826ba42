import type { ClientModality } from "@tandem/core/data";
import type { FederatedData } from "@tandem/core/federated-data";
import type { JoiningView, PlacesView } from "@tandem/protocol/view";
import { whyNoOwnEncoder } from "./own-encoder";
import { awayLimitMs } from "./places";
import type { Runtime } from "./runtime";

const modalities: readonly ClientModality[] = ["image", "text", "image-text"];

/** The places of an experiment, and what can be had of them at this moment. */
export function vacanciesOf(
  { clients, needs, record, consent }: Pick<Runtime, "clients" | "needs" | "record" | "consent">,
  data: FederatedData,
  now: number,
): Omit<JoiningView, "disclosure"> {
  const { slots, classes, test, vocabulary, own } = data;
  const held = new Set(
    [...clients.values()].flatMap(({ record, presence }) => {
      const isGone = presence.state === "away" && now - presence.since > awayLimitMs;
      return record.leftAt === undefined && !isGone ? [record.slot] : [];
    }),
  );
  const freeOf = (places: readonly { readonly slot: number }[]) =>
    places.filter(({ slot }) => !held.has(slot)).length;
  const all = slots.map((place, slot) => ({ ...place, slot }));
  const placesOf = (modality: ClientModality): readonly PlacesView[] => {
    const dealt = all.filter((place) => place.modality === modality);
    if (dealt.length === 0) return [];
    return [
      {
        modality,
        total: dealt.length,
        free: freeOf(dealt),
        bytes: Math.max(...dealt.map(({ shard }) => shard?.bytes ?? 0)),
      },
    ];
  };
  return {
    admission: record.config.admission,
    consent,
    classes: classes.length,
    places: own ? [] : modalities.flatMap(placesOf),
    ...(own && {
      own: { ...own, mostSamples: record.config.mostSamples, total: all.length, free: freeOf(all) },
    }),
    ownEncoder: whyNoOwnEncoder(needs, data) === undefined,
    sharedBytes: (test?.bytes ?? 0) + vocabulary.bytes,
  };
}
