import type { Series } from "./series";

/** One line on the canvas. */
export type Layer = {
  /** `faint`: the raw values beside a smoothed line; `edge`: of a band, which alone is filled. */
  readonly kind: "line" | "faint" | "edge" | "client";
  readonly colour: string;
  readonly dash?: readonly number[];
  readonly mark?: Mark;
  readonly values: readonly (number | null)[];
};
/** Layers between which a colour is laid, by their places. */
export type Band = { readonly high: number; readonly low: number; readonly colour: string };

export const marks = ["circle", "square", "triangle", "diamond"] as const;
export type Mark = (typeof marks)[number];
/** Of what a course is compared with: told apart by more than its colour. */
export const dashes = [
  [5, 4],
  [12, 4],
  [2, 4],
  [12, 4, 2, 4],
] as const;

/** How each line looks beside its colour: measured ones have marks, what they are compared with dashes. */
export function looksOf(
  series: readonly Pick<Series, "dashed">[],
): readonly { readonly mark?: Mark; readonly dash?: readonly number[] }[] {
  let [lines, references] = [0, 0];
  return series.map(({ dashed }) =>
    dashed
      ? { dash: dashes[references++ % dashes.length] }
      : { mark: marks[lines++ % marks.length] },
  );
}

/**
 * Exponential moving average with `weight` 0-1 on what was before, free of the bias towards zero at the start
 * (Kingma and Ba, 2015, section 3). A hole stays one and moves nothing.
 */
export function smoothed(
  values: readonly (number | null)[],
  weight: number,
): readonly (number | null)[] {
  let [sum, decay] = [0, 1];
  return values.map((value) => {
    if (value === null) return null;
    sum = weight * sum + (1 - weight) * value;
    decay *= weight;
    return sum / (1 - decay);
  });
}

/** What is drawn, from back to front: bands, clients, raw lines, lines. */
export function layersOf(
  series: readonly Series[],
  options: {
    readonly smoothing: number;
    readonly spread: boolean;
    readonly clients: readonly Pick<Series, "colour" | "values">[];
  },
): { readonly layers: readonly Layer[]; readonly bands: readonly Band[] } {
  const { smoothing, spread, clients } = options;
  const looks = looksOf(series);
  const course = ({ values, dashed }: Series) =>
    smoothing > 0 && !dashed ? smoothed(values, smoothing) : values;
  const layers: Layer[] = clients.map((one) => ({ kind: "client", ...one }));
  const bands: Band[] = [];
  for (const one of series) {
    const { colour, spread: widths } = one;
    if (!spread || !widths) continue;
    const middle = course(one);
    const edge = (sign: 1 | -1): Layer => ({
      kind: "edge",
      colour,
      values: middle.map((value, i) => {
        const by = widths[i];
        return value === null || by == null ? null : value + sign * by;
      }),
    });
    bands.push({ high: layers.length, low: layers.length + 1, colour });
    layers.push(edge(1), edge(-1));
  }
  if (smoothing > 0)
    for (const { colour, values, dashed } of series)
      if (!dashed) layers.push({ kind: "faint", colour, values });
  for (const [i, one] of series.entries())
    layers.push({ kind: "line", colour: one.colour, ...looks[i], values: course(one) });
  return { layers, bands };
}
