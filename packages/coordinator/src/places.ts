import type { ClientModality } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import type { DataSlot } from "@tandem/core/federated-data";
import type { Needs } from "@tandem/core/strategy";
import type { LiveClient } from "./live-client";
import type { Runtime } from "./runtime";

export type Wish = {
  readonly modality?: ClientModality | undefined;
  readonly slot?: number | undefined;
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
    (wish.modality === undefined || wish.modality === modality)
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

/** What trains in a place; with equal architectures it is the first of the modality for all. */
export function architectureOf(
  slots: readonly Required<DataSlot>[],
  slot: number,
  needs: Needs,
): string {
  const own = slots[slot];
  if (!needs.equalArchitectures) return own.architecture;
  return slots.find(({ modality }) => modality === own.modality)?.architecture ?? own.architecture;
}
