export type GraphDType = "f32" | "i64" | "bool";
/** An integer, a text, a list of integers, or a real number. */
export type Attribute = number | string | readonly number[] | { readonly real: number };

/** One node of a traced graph. */
export type Operation = {
  readonly type: string;
  readonly inputs: readonly Tensor[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** Number of results that the node has. */
  readonly outputs: number;
};

/** Gradients with respect to an operation's inputs; undefined where there is none. */
export type Pullback = (dy: Tensor) => readonly (Tensor | undefined)[];

/** A symbolic array of known shape: an input, a constant, or one result of an operation. */
export type Tensor = {
  readonly shape: readonly number[];
  readonly dtype: GraphDType;
  readonly source:
    | { readonly kind: "input"; readonly name: string }
    | { readonly kind: "constant"; readonly values: Float32Array | BigInt64Array }
    | { readonly kind: "result"; readonly operation: Operation; readonly index: number };
  readonly pullback?: Pullback;
  readonly segment?: Segment;
};

/** How to build a tensor again from what `checkpoint` was given. */
export type Segment = {
  readonly inputs: readonly Tensor[];
  readonly build: (...inputs: readonly Tensor[]) => Tensor;
};

export const input = (
  name: string,
  shape: readonly number[],
  dtype: GraphDType = "f32",
): Tensor => ({ shape, dtype, source: { kind: "input", name } });

export const constant = (values: ArrayLike<number>, shape: readonly number[]): Tensor => ({
  shape,
  dtype: "f32",
  source: { kind: "constant", values: Float32Array.from(values) },
});

export const scalar = (value: number): Tensor => constant([value], []);

/** Integers that an operation takes as an input, such as a shape or axes. */
export const integers = (values: readonly number[]): Tensor => ({
  shape: [values.length],
  dtype: "i64",
  source: { kind: "constant", values: BigInt64Array.from(values, BigInt) },
});

export type ApplyOptions = {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  readonly dtype?: GraphDType;
  readonly pullback?: Pullback;
};

export function apply(
  type: string,
  inputs: readonly Tensor[],
  shape: readonly number[],
  { attributes = {}, dtype = "f32", pullback }: ApplyOptions = {},
): Tensor {
  const operation = { type, inputs, attributes, outputs: 1 };
  return {
    shape,
    dtype,
    source: { kind: "result", operation, index: 0 },
    ...(pullback && { pullback }),
  };
}

export const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** NumPy broadcasting; throws when two extents differ and neither is 1. */
export function broadcastShape(a: readonly number[], b: readonly number[]): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw new Error(`[${a}] and [${b}] do not broadcast`);
    return Math.max(x, y);
  });
}
