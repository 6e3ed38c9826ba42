import type { Arm } from "./arms";
import type { Point } from "./curves";
import { type Look, lookOf } from "./looks";

/** An arm as it is drawn everywhere. */
export type Drawn = {
  readonly arm: Arm;
  /** From 1, in the order in which they were chosen. */
  readonly number: number;
  readonly look: Look;
  readonly isPinned: boolean;
};

export type DrawnCurve = Drawn & {
  readonly points: readonly Point[];
  /** The most rounds in which one of its seeds has the metric. */
  readonly most: number;
};

/** `pinned`: id of any of an arm's runs. */
export const drawnOf = (
  arms: readonly Arm[],
  { pinned, theme }: { readonly pinned: string | undefined; readonly theme: "light" | "dark" },
): readonly Drawn[] =>
  arms.map((arm, place) => {
    const isPinned = arm.runs.some(({ id }) => id === pinned);
    return { arm, number: place + 1, look: lookOf(place, isPinned, theme), isPinned };
  });
