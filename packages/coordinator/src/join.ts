import type { ClientModality } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import type { DataSlot } from "@tandem/core/federated-data";
import type { Needs } from "@tandem/core/strategy";
import type { Runtime } from "./experiment-runtime";

export type Wish = {
  readonly modality?: ClientModality | undefined;
  readonly slot?: number | undefined;
};

/** The first free place that fits; throws `full` or `not-found` with what could be had. */
export function freeSlot(runtime: Runtime, wish: Wish): number {
  const { slots } = runtime.data;
  const taken = new Set(
    [...runtime.clients.values()].flatMap(({ record, status }) =>
      status === "left" ? [] : [record.slot],
    ),
  );
  if (wish.slot !== undefined) {
    if (wish.slot >= slots.length)
      throw new TandemError(
        "not-found",
        `There is no place ${wish.slot}; places are 0 to ${slots.length - 1}.`,
      );
    if (taken.has(wish.slot))
      throw new TandemError("full", `Place ${wish.slot} is taken: join without a place.`);
    return wish.slot;
  }
  const found = slots.findIndex(
    ({ modality }, slot) => !taken.has(slot) && (!wish.modality || modality === wish.modality),
  );
  if (found >= 0) return found;
  const what = wish.modality ? `places for ${wish.modality} clients` : "places";
  throw new TandemError(
    "full",
    `All ${what} are taken (${taken.size} of ${slots.length}): try again when somebody has left.`,
  );
}

/** What trains in a place; with equal architectures it is the first of the modality for all. */
export function architectureOf(slots: readonly DataSlot[], slot: number, needs: Needs): string {
  const own = slots[slot];
  if (!needs.equalArchitectures) return own.architecture;
  return slots.find(({ modality }) => modality === own.modality)?.architecture ?? own.architecture;
}
