import { type TensorOf, u8 } from "@tandem/core/tensor";
import { colourAt, coloursOf } from "@tandem/protocol/colours";

type Colour = readonly [number, number, number];
type Counted = { readonly colour: Colour; readonly count: number };
const channels = [0, 1, 2] as const;
const rounds = 4;
/** Distances that one round may take; where there are more, similar colours are taken as one. */
const maxDistances = 2 ** 21;

/**
 * Pictures (N, h, w, 3) in at most so many colours, the same for all, each pixel in the nearest: median
 * cut (Heckbert, SIGGRAPH 1982) at the mean of the box that errs most, then k-means. The same each time.
 */
export function fewerColours({ shape, data }: TensorOf<"u8">, colours: number): TensorOf<"u8"> {
  if (coloursOf(data, colours)) return u8(shape, data);
  let bits = (data.length / 3) * colours > maxDistances ? 6 : 8;
  let groups = grouped(data, bits);
  while (groups.all.length * colours > maxDistances) groups = grouped(data, --bits);
  const { all, placeOf } = groups;
  let palette = medianCut(all, colours);
  for (let round = 0; round < rounds; round++) palette = meansOf(all, palette);
  const rounded = palette.map((colour) => colour.map(Math.round));
  const chosen = all.map(({ colour }) => rounded[nearest(palette, colour)]);
  const reduced = new Uint8Array(data.length);
  for (let at = 0; at < data.length; at += 3) reduced.set(chosen[placeOf(at)], at);
  return u8(shape, reduced);
}

/** The colours that agree in their upper bits, as their mean, in the order of these bits. */
function grouped(data: Uint8Array, bits: number) {
  const mask = 0x010101 * ((0xff << (8 - bits)) & 0xff);
  const keyAt = (at: number) => colourAt(data, at) & mask;
  const sums = new Map<number, [number, number, number, number]>();
  for (let at = 0; at < data.length; at += 3) {
    const key = keyAt(at);
    const sum = sums.get(key) ?? [0, 0, 0, 0];
    for (const c of channels) sum[c] += data[at + c];
    sum[3] += 1;
    sums.set(key, sum);
  }
  const keys = [...sums.keys()].sort((a, b) => a - b);
  const all = keys.map((key): Counted => {
    const [r, g, b, count] = sums.get(key) ?? [0, 0, 0, 1];
    return { colour: [r / count, g / count, b / count], count };
  });
  const places = new Map(keys.map((key, place) => [key, place]));
  return { all, placeOf: (at: number) => places.get(keyAt(at)) ?? 0 };
}

/** Mean of the colours, and the channel in which their squared errors are largest, with its error. */
function describe(box: readonly Counted[]) {
  const total = box.reduce((sum, { count }) => sum + count, 0);
  const sumOf = (value: (colour: Colour) => number) =>
    box.reduce((sum, { colour, count }) => sum + count * value(colour), 0);
  const mean = channels.map((c) => sumOf((colour) => colour[c]) / total);
  const errors = channels.map((c) => sumOf((colour) => (colour[c] - mean[c]) ** 2));
  const error = Math.max(...errors);
  return { box, mean, channel: errors.indexOf(error), error };
}

function medianCut(all: readonly Counted[], colours: number): readonly (readonly number[])[] {
  let boxes = [describe(all)];
  while (boxes.length < colours) {
    const worst = boxes.reduce((a, b) => (b.error > a.error ? b : a));
    if (worst.error < 1e-6) break; // each box is one colour, but for rounding
    const { box, mean, channel } = worst;
    const isBelow = ({ colour }: Counted) => colour[channel] <= mean[channel];
    const halves = [box.filter(isBelow), box.filter((entry) => !isBelow(entry))];
    boxes = [...boxes.filter((other) => other !== worst), ...halves.map(describe)];
  }
  return boxes.map(({ mean }) => mean);
}

/** The mean of what is nearest to each; one that is nearest to nothing stays. */
function meansOf(all: readonly Counted[], palette: readonly (readonly number[])[]) {
  const sums = palette.map(() => [0, 0, 0, 0]);
  for (const { colour, count } of all) {
    const sum = sums[nearest(palette, colour)];
    for (const c of channels) sum[c] += count * colour[c];
    sum[3] += count;
  }
  return palette.map((old, i) =>
    sums[i][3] > 0 ? channels.map((c) => sums[i][c] / sums[i][3]) : old,
  );
}

function nearest(palette: readonly (readonly number[])[], [r, g, b]: Colour): number {
  let best = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < palette.length; i++) {
    const [x, y, z] = palette[i];
    const distance = (r - x) ** 2 + (g - y) ** 2 + (b - z) ** 2;
    if (distance < least) [best, least] = [i, distance];
  }
  return best;
}
