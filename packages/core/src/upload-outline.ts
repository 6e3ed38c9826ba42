import { TandemError } from "./errors";
import type { Json } from "./json";
import type { Payload } from "./payload";
import type { DType, TensorData } from "./tensor";

/** What an upload must hold, as far as it can be told before anything of it is unpacked. */
export type UploadOutline = {
  readonly arrays: Readonly<Record<string, ArrayOutline>>;
  /** f32 arrays of any shape, under names that begin so: a model that the server has not seen yet. */
  readonly others?: string;
  /** Each field's value; undefined: any. */
  readonly meta: Readonly<Record<string, Json | undefined>>;
};
export type ArrayOutline = {
  readonly dtype: DType;
  /** A pair is the least and the most of an extent that the client alone knows. */
  readonly shape: readonly (number | readonly [least: number, most: number])[];
};

/** Names, dtypes and shapes of a payload, its values or their absence aside. */
export type Outlined = Pick<Payload, "meta"> & {
  readonly arrays: Readonly<Record<string, Pick<TensorData, "dtype" | "shape">>>;
};

/** Throws `bad-upload` unless the payload has exactly these arrays and these fields of meta. */
export function expectOutline(outline: UploadOutline, { arrays, meta }: Outlined): void {
  const { others } = outline;
  const isOther = (name: string) => others !== undefined && name.startsWith(others);
  const known = (name: string) => Object.hasOwn(outline.arrays, name);
  const named = Object.keys(arrays).filter((name) => known(name) || !isOther(name));
  expectNames("arrays", named, Object.keys(outline.arrays));
  expectNames("meta", Object.keys(meta), Object.keys(outline.meta));
  for (const [name, { dtype, shape }] of Object.entries(arrays)) {
    const wanted = known(name) ? outline.arrays[name] : { dtype: "f32", shape };
    if (dtype === wanted.dtype && fits(shape, wanted.shape)) continue;
    const extents = wanted.shape.map((one) => (typeof one === "number" ? one : one.join("..")));
    refuse(`"${name}" is ${dtype} [${shape}], not ${wanted.dtype} [${extents}]`);
  }
  for (const [name, value] of Object.entries(outline.meta))
    if (value !== undefined && meta[name] !== value)
      refuse(
        `${name} is ${JSON.stringify(meta[name]).slice(0, 100)}, not ${JSON.stringify(value)}`,
      );
}

/** What an upload of this outline unpacks to at most; infinite where others may come. */
export function mostBytes({ arrays, others }: UploadOutline): number {
  if (others !== undefined) return Number.POSITIVE_INFINITY;
  const most = ({ shape }: ArrayOutline) =>
    shape.reduce<number>((size, one) => size * (typeof one === "number" ? one : one[1]), 4);
  return Object.values(arrays).reduce((sum, one) => sum + most(one), 0);
}

const fits = (shape: readonly number[], wanted: ArrayOutline["shape"]): boolean =>
  shape.length === wanted.length &&
  wanted.every((one, i) => {
    const [least, most] = typeof one === "number" ? [one, one] : one;
    return shape[i] >= least && shape[i] <= most;
  });

function expectNames(kind: string, given: readonly string[], wanted: readonly string[]): void {
  // One by one: a name may hold the comma that a list of names would be compared by.
  if (given.length === wanted.length && wanted.every((name) => given.includes(name))) return;
  const list = (names: readonly string[]) => JSON.stringify([...names].sort()).slice(0, 500);
  refuse(`${kind} must be ${list(wanted)}, not ${list(given)}`);
}

function refuse(what: string): never {
  throw new TandemError("bad-upload", what);
}
