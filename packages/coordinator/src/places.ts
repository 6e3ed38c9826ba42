import type { ClientModality } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import type { ClientRecord, ExperimentConfig } from "@tandem/core/experiment";
import type { DataSlot, FederatedData } from "@tandem/core/federated-data";
import { encoderArchitectures } from "@tandem/core/model";
import type { LiveClient } from "./live-client";
import { architectureFor } from "./own-architecture";
import type { Brought } from "./own-terms";
import type { Runtime } from "./runtime";

export type Wish = {
  readonly modality?: ClientModality | undefined;
  readonly slot?: number | undefined;
  /** A model of pictures is brought, to be trained. */
  readonly ownEncoder?: boolean;
};

/** A place, and the client that has been away so long that it loses it. */
export type Place = { readonly slot: number; readonly evicted?: LiveClient };

export const awayLimitMs = 60_000;

/** The first free place that fits; throws `full` or `not-found` with what could be had. */
export function freePlace(
  clients: Runtime["clients"],
  slots: readonly DataSlot[],
  wish: Wish,
  now: number,
): Place {
  if (wish.slot !== undefined && wish.slot >= slots.length)
    throw new TandemError(
      "not-found",
      `There is no place ${wish.slot}; places are 0 to ${slots.length - 1}.`,
    );
  const holders = new Map(
    [...clients.values()].flatMap((client) =>
      client.record.leftAt === undefined ? [[client.record.slot, client] as const] : [],
    ),
  );
  const fitting = slots.flatMap(({ modality }, slot) =>
    (wish.slot === undefined || wish.slot === slot) &&
    (!wish.modality || !modality || wish.modality === modality) &&
    !(wish.ownEncoder && modality === "text")
      ? [slot]
      : [],
  );
  const free = fitting.find((slot) => !holders.has(slot));
  if (free !== undefined) return { slot: free };
  for (const slot of fitting) {
    const holder = holders.get(slot);
    if (holder?.presence.state === "away" && now - holder.presence.since > awayLimitMs)
      return { slot, evicted: holder };
  }
  if (wish.slot !== undefined)
    throw new TandemError("full", `Place ${wish.slot} is taken: join without a place.`);
  const what = wish.modality ? `places for ${wish.modality} clients` : "places";
  throw new TandemError(
    "full",
    `All ${fitting.length} ${what} are taken: try again when somebody has left.`,
  );
}

type Holding = Pick<ClientRecord, "modality" | "architecture" | "samples" | "heldOut" | "source">;

/**
 * What a place's client holds and trains: as it was dealt, or as the participant brings it, with the
 * architecture of its modality that its device manages, or each in turn where nothing is said of devices.
 * With equal ones it is the first of the modality for all; who brings an encoder trains that.
 */
export function holdingOf(
  { clients, needs, record }: Pick<Runtime, "clients" | "needs" | "record">,
  data: FederatedData,
  slot: number,
  {
    own: brought,
    ownEncoder,
  }: { readonly own?: Brought | undefined; readonly ownEncoder: boolean },
): Holding {
  const { modality, architecture, samples, source } = data.slots[slot];
  const held = data.own && brought ? brought.modality : modality;
  const trained = ownEncoder && held && held !== "text" ? encoderArchitectures[held] : undefined;
  if (data.own && brought) {
    const { architectures, steps } = data.own;
    const names = architectures[brought.modality];
    const { device } = brought;
    const before = [...clients.values()].filter(
      ({ record }) => record.modality === brought.modality,
    ).length;
    const byDevice = device && architectureFor(names, steps, device);
    const other = byDevice ?? names[before % names.length];
    return {
      modality: brought.modality,
      architecture: trained ?? (needs.equalArchitectures ? names[0] : other),
      ...samplesOf(data, brought, record.config),
      source,
    };
  }
  const first = data.slots.find((one) => one.modality === modality)?.architecture;
  const own = trained ?? (needs.equalArchitectures ? first : architecture);
  if (!modality || !own) throw new Error(`place ${slot} holds nothing, and nothing is brought`);
  return { modality, architecture: own, samples, source };
}

/** By the participant's word, up to what counts; what is held out counts where there is no public test set. */
export const samplesOf = (
  { test }: FederatedData,
  { samples, heldOut }: Brought,
  { mostSamples }: Pick<ExperimentConfig, "mostSamples">,
): Pick<ClientRecord, "samples" | "heldOut"> => ({
  samples: Math.min(samples, mostSamples),
  ...(!test && { heldOut }),
});
