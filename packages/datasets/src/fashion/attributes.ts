import { side, stride } from "./idx";

/** Two of three words each, measured on the pixels. */
export type Attributes = {
  /** (N,) index into `tones`: mean intensity of the foreground. */
  readonly tone: Uint8Array;
  /** (N,) index into `shapes`: width / height of the bounding box, within the class. */
  readonly shape: Uint8Array;
};
/** Bounds between the terciles of the training pictures. */
export type Terciles = {
  readonly tone: readonly [number, number];
  readonly shape: readonly (readonly [number, number])[];
};

/** Fainter pixels are background. */
const foreground = 16;

export function measure(pixels: Uint8Array): { readonly tone: number; readonly aspect: number } {
  let [left, right, top, bottom, sum, count] = [side, -1, side, -1, 0, 0];
  pixels.forEach((value, at) => {
    if (value < foreground) return;
    const [x, y] = [at % side, Math.floor(at / side)];
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
    sum += value;
    count++;
  });
  return count === 0
    ? { tone: 0, aspect: 1 }
    : { tone: sum / count, aspect: (right - left + 1) / (bottom - top + 1) };
}

const measureAll = (pictures: Uint8Array) =>
  Array.from({ length: pictures.length / stride }, (_, i) =>
    measure(pictures.subarray(i * stride, (i + 1) * stride)),
  );

function terciles(values: readonly number[]): readonly [number, number] {
  const sorted = Float64Array.from(values).sort();
  return [sorted[Math.floor(sorted.length / 3)], sorted[Math.floor((2 * sorted.length) / 3)]];
}

/** Tones over all classes, so that "dark" is dark; shapes within each, so that a wide boot is wide for one. */
export function tercilesOf(pictures: Uint8Array, labels: Uint8Array): Terciles {
  const measures = measureAll(pictures);
  return {
    tone: terciles(measures.map(({ tone }) => tone)),
    shape: Array.from({ length: 10 }, (_, label) =>
      terciles(measures.filter((_, i) => labels[i] === label).map(({ aspect }) => aspect)),
    ),
  };
}

export function attributesOf(
  pictures: Uint8Array,
  labels: Uint8Array,
  bounds: Terciles,
): Attributes {
  const third = (value: number, [low, high]: readonly [number, number]) =>
    value < low ? 0 : value < high ? 1 : 2;
  const measures = measureAll(pictures);
  return {
    tone: Uint8Array.from(measures, ({ tone }) => third(tone, bounds.tone)),
    shape: Uint8Array.from(measures, ({ aspect }, i) => third(aspect, bounds.shape[labels[i]])),
  };
}
