import { type Modality, modalitiesOf } from "@tandem/core/data";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import type { ServerHalf } from "@tandem/core/strategy";
import { type Arrays, addPrefix, f32, f64, u8, underPrefix } from "@tandem/core/tensor";
import type { UploadOutline } from "@tandem/core/upload-outline";
import { fromFixedPoint, mergeSums, toFixedPoint } from "./fixed-point";
import { rowsOf } from "./rows";
import { areWithin, refuse } from "./upload-checks";

/** The class means of a modality, of this width if one is known. */
export const meansOutline = (
  modality: Modality,
  { classes, width = [1, 1024] }: { readonly classes: number; readonly width?: Extent | undefined },
): UploadOutline["arrays"] => ({
  [`mean/${modality}`]: { dtype: "f32", shape: [classes, width] },
  [`held/${modality}`]: { dtype: "u8", shape: [classes] },
});
type Extent = number | readonly [number, number];

/** Throws unless the rows of held classes are within the limit, and the others zero. */
export function checkMeans(modality: Modality, arrays: Arrays, limit: number): void {
  const [mean, held] = [`mean/${modality}`, `held/${modality}`];
  rowsOf(arrays, mean).forEach((row, c) => {
    const known = arrays[held].data[c];
    if (known > 1) refuse(`${held} must be zeros and ones`);
    if (!areWithin(row, known * limit))
      refuse(`row ${c} of ${mean} must be ${known ? `within ±${limit}` : "zero: it is not held"}`);
  });
}

/**
 * The server half of strategies that exchange class means: each class's is the unweighted mean over
 * the clients that hold it, one set a modality; a class that nobody answers for keeps what it had.
 */
export const classMeanServer = (options: {
  /** Largest absolute value. */
  readonly limit: number;
  /** Of a row, given C; undefined leaves it to what most clients send first. */
  readonly width: (classes: number) => number | undefined;
}): ServerHalf => ({
  init: async ({ classes }) => ({ arrays: {}, meta: { classes: classes.length } }),
  instruct: ({ arrays }, { modality }) => ({
    arrays: Object.fromEntries(
      modalitiesOf(modality)
        .flatMap((m) => [`mean/${m}`, `held/${m}`])
        .flatMap((name) => (arrays[name] ? [[name, arrays[name]]] : [])),
    ),
    meta: {},
  }),
  outline({ arrays, meta }, { modality }) {
    const classes = meta.classes as number; // by `init`
    const means = modalitiesOf(modality).map((m) =>
      meansOutline(m, {
        classes,
        width: arrays[`mean/${m}`]?.shape[1] ?? options.width(classes),
      }),
    );
    return { arrays: Object.assign({}, ...means), meta: {} };
  },
  check({ modality }, { arrays }) {
    for (const m of modalitiesOf(modality)) checkMeans(m, arrays, options.limit);
  },
  accumulate(accumulator, { client, payload }) {
    const parts = modalitiesOf(client.modality).map((modality): Payload => {
      const mean = payload.arrays[`mean/${modality}`];
      const group = `${modality} ${mean.shape[1]}`;
      const arrays = {
        sum: toFixedPoint(mean),
        count: f64([mean.shape[0]], payload.arrays[`held/${modality}`].data),
      };
      return { arrays: addPrefix(`${group}:`, arrays), meta: { [group]: 1 } };
    });
    return parts.reduce(mergeSums, accumulator ?? emptyPayload);
  },
  merge: mergeSums,
  async conclude(state, accumulator) {
    const arrays = { ...state.arrays };
    const answers = accumulator.meta as Readonly<Record<string, number>>; // by `accumulate`
    // What most clients hold comes last: one stray width in the first round cannot win.
    const groups = Object.keys(answers).sort((a, b) => answers[a] - answers[b] || (a < b ? -1 : 1));
    for (const group of groups) {
      const [modality] = group.split(" ");
      const { sum, count } = underPrefix(`${group}:`, accumulator.arrays);
      Object.assign(arrays, renewed(state.arrays, modality, sum, count));
    }
    return { state: { ...state, arrays }, metrics: {} };
  },
});

function renewed(
  known: Arrays,
  modality: string,
  sum: Arrays[string],
  count: Arrays[string],
): Arrays {
  const [classes, width] = sum.shape;
  const mean = fromFixedPoint(sum, 1).data;
  const before = known[`mean/${modality}`]?.data ?? new Float32Array(mean.length);
  const held = known[`held/${modality}`]?.data ?? new Uint8Array(classes);
  const rows = mean.map((value, at) => {
    const answers = count.data[Math.floor(at / width)];
    return answers > 0 ? value / answers : before[at];
  });
  return {
    [`mean/${modality}`]: f32([classes, width], rows),
    [`held/${modality}`]: u8(
      [classes],
      Array.from(held, (was, c) => Number(was || count.data[c] > 0)),
    ),
  };
}
