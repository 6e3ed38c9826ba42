import { TandemError } from "@tandem/core/errors";
import { notFinite } from "@tandem/core/finite";
import { f32 } from "@tandem/core/tensor";
import { type Layout, layoutSize } from "@tandem/graph/layout";
import { openSafetensors, readArrays, sourceOf, writeSafetensors } from "../files/weight-files";

/** Between two steps of training: with the same options it goes on to the bit. */
export type TrainingState = {
  /** Steps done. */
  readonly step: number;
  readonly seed: string;
  /** Order of the arrays in each vector. */
  readonly layout: Layout;
  readonly vectors: {
    readonly trained: Float32Array;
    readonly m: Float32Array;
    readonly v: Float32Array;
    readonly average?: Float32Array;
  };
};

const roles = ["trained", "m", "v", "average"] as const;

/** Throws `conflict` when a state is of another model, adapter or seed. */
export function checkState(
  state: TrainingState,
  wanted: {
    readonly layout: Layout;
    readonly seed: string | number;
    readonly average: boolean;
  },
): void {
  const conflict = (what: string) =>
    new TandemError("conflict", `this training state does not fit: ${what}`);
  if (state.seed !== String(wanted.seed))
    throw conflict(`it is of seed ${state.seed}, not ${wanted.seed}`);
  if ((state.vectors.average !== undefined) !== wanted.average)
    throw conflict(`it has ${wanted.average ? "no" : "an"} average of the weights`);
  const text = ({ name, shape }: Layout[number]) => `${name} [${shape}]`;
  const [own, other] = [state.layout.map(text), wanted.layout.map(text)];
  const at = other.findIndex((entry, i) => entry !== own[i]);
  if (at >= 0 || own.length !== other.length)
    throw conflict(`it trains ${own[at] ?? "more"} where this model has ${other[at] ?? "nothing"}`);
}

/** One file of safetensors, put in place when it is whole. */
export async function saveState(path: string, state: TrainingState): Promise<void> {
  const arrays = Object.fromEntries(
    roles.flatMap((role) => {
      const data = state.vectors[role];
      return data ? [[role, f32([data.length], data)]] : [];
    }),
  );
  const metadata = {
    step: String(state.step),
    seed: state.seed,
    layout: JSON.stringify(state.layout),
  };
  await writeSafetensors(path, sourceOf(arrays, metadata));
}

export async function loadState(path: string): Promise<TrainingState> {
  const source = await openSafetensors(path);
  try {
    const { metadata } = source;
    const arrays = await readArrays(source);
    const layout: Layout = JSON.parse(metadata.layout ?? "[]");
    const step = Number(metadata.step);
    const size = layoutSize(layout);
    const vector = (role: (typeof roles)[number]) => {
      const array = arrays[role];
      const fault = array && notFinite(array);
      if (fault) throw new TandemError("corrupt", `${path}: "${role}": ${fault}`);
      if (array?.dtype === "f32" && array.data.length === size) return array.data;
      throw new TandemError("corrupt", `${path}: "${role}" is missing or not of ${size} values`);
    };
    if (!Number.isSafeInteger(step) || metadata.seed === undefined || size === 0)
      throw new TandemError("corrupt", `${path} is no training state`);
    return {
      step,
      seed: metadata.seed,
      layout,
      vectors: {
        trained: vector("trained"),
        m: vector("m"),
        v: vector("v"),
        ...(arrays.average && { average: vector("average") }),
      },
    };
  } finally {
    await source.close();
  }
}
