import type { LabelledSet } from "./data";
import { formatBytes } from "./format";

/** What a participant's own data may take, as a tab keeps it: bytes, and characters of texts. */
export const ownBounds = { pictures: 2 ** 27, features: 2 ** 28, texts: 2 ** 23 } as const;
export type OwnAmount = Readonly<Record<keyof typeof ownBounds, number>>;

const said = {
  pictures: ["pictures would take", formatBytes],
  features: ["pictures, as the study's backbone reads them, would take", formatBytes],
  texts: ["texts have", (count: number) => `${count} characters`],
} as const;

/** Of so many samples, what is too much and the way out; undefined where all is within bounds. */
export function tooMuch(amount: OwnAmount, samples: number): string | undefined {
  const over = (["pictures", "features", "texts"] as const).find(
    (what) => amount[what] > ownBounds[what],
  );
  if (!over) return undefined;
  const [verb, shown] = said[over];
  const surplus = samples - Math.floor((samples * ownBounds[over]) / amount[over]);
  return `Your ${verb} ${shown(amount[over])}, and ${shown(ownBounds[over])} are the most: take out about ${surplus} of your ${samples} samples.`;
}

export function amountOf(sets: readonly LabelledSet[]): OwnAmount {
  const sum = (of: (set: LabelledSet) => number) => sets.reduce((all, set) => all + of(set), 0);
  return {
    pictures: sum(({ images }) => images?.data.byteLength ?? 0),
    features: sum(({ features }) => features?.data.byteLength ?? 0),
    texts: sum(({ captions = [] }) => captions.reduce((all, { length }) => all + length, 0)),
  };
}
