import type { Lessons } from "@tandem/core/strategy";
import { concatenateRows, type TensorOf, takeRows } from "@tandem/core/tensor";

/** What the base and later lessons make of the same prompts and noise, for people to see. */
export type Shown = Omit<Lessons, "images"> & {
  /** (rounds · prompts, h, w, 3). */
  readonly images: TensorOf<"u8">;
};

/** Prompts that are shown: the first that are scored, of classes in turn (docs/algorithm.md A8). */
export const shownPrompts = 8;
const mostLessons = 10;

/** The base's row; none of a teacher that shows nothing. */
export const ofBase = (
  prompts: readonly string[],
  images: TensorOf<"u8"> | undefined,
): Shown | undefined =>
  images && { prompts: prompts.slice(0, images.shape[0]), rounds: [0], images };

/** With one more row. Of many rounds every second, fourth … stays, beside the latest. */
export function withLesson(
  { prompts, rounds, images }: Shown,
  round: number,
  painted: TensorOf<"u8">,
): Shown {
  const width = prompts.length;
  const rowOf = (i: number) => Int32Array.from(prompts, (_, column) => i * width + column);
  const before = rounds.map((_, i) => takeRows(images, rowOf(i)));
  const all = [...before, painted];
  const every = 2 ** Math.max(0, Math.ceil(Math.log2(round / mostLessons)));
  const kept = [...rounds, round].flatMap((at, i) => (at % every === 0 || at === round ? [i] : []));
  return {
    prompts,
    rounds: kept.map((i) => [...rounds, round][i]),
    images: concatenateRows(kept.map((i) => all[i])),
  };
}
