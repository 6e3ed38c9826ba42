/** Tensors as plain data: what is stored, sent and aggregated. Row-major; images are (B, h, w, c). */
export type ArrayOf = {
  readonly f64: Float64Array;
  readonly f32: Float32Array;
  readonly f16: Uint16Array; // raw IEEE half bits
  readonly i32: Int32Array;
  readonly u16: Uint16Array;
  readonly i8: Int8Array;
  readonly u8: Uint8Array;
};
export type DType = keyof ArrayOf;

export type TensorOf<D extends DType> = {
  readonly dtype: D;
  readonly shape: readonly number[];
  readonly data: ArrayOf[D];
};
export type TensorData = { [D in DType]: TensorOf<D> }[DType];

/** Arrays by name, as in a safetensors file. */
export type Arrays = Readonly<Record<string, TensorData>>;

export const sizeOf = (shape: readonly number[]): number =>
  shape.reduce((size, extent) => size * extent, 1);

function checked<D extends DType>(dtype: D, shape: readonly number[], data: ArrayOf[D]) {
  if (data.length !== sizeOf(shape))
    throw new Error(`${data.length} values do not fill shape [${shape.join(", ")}]`);
  return { dtype, shape, data };
}

export const f32 = (shape: readonly number[], data: ArrayLike<number>): TensorOf<"f32"> =>
  checked("f32", shape, data instanceof Float32Array ? data : Float32Array.from(data));
export const f64 = (shape: readonly number[], data: ArrayLike<number>): TensorOf<"f64"> =>
  checked("f64", shape, data instanceof Float64Array ? data : Float64Array.from(data));
export const i32 = (shape: readonly number[], data: ArrayLike<number>): TensorOf<"i32"> =>
  checked("i32", shape, data instanceof Int32Array ? data : Int32Array.from(data));
export const u8 = (shape: readonly number[], data: ArrayLike<number>): TensorOf<"u8"> =>
  checked("u8", shape, data instanceof Uint8Array ? data : Uint8Array.from(data));

/** The named array, which must have the given dtype; throws a plain Error otherwise. */
export function arrayOf<D extends DType>(arrays: Arrays, name: string, dtype: D): TensorOf<D> {
  const found = arrays[name];
  if (found === undefined) throw new Error(`array "${name}" is missing`);
  if (found.dtype !== dtype) throw new Error(`array "${name}" is ${found.dtype}, not ${dtype}`);
  return found as TensorOf<D>; // the line above has compared the tag
}

/** The same arrays with `prefix` before each name. */
export const addPrefix = (prefix: string, arrays: Arrays): Arrays =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${prefix}${name}`, array]));

/** The arrays whose names begin with `prefix`, by the rest of their names. */
export const underPrefix = (prefix: string, arrays: Arrays): Arrays =>
  Object.fromEntries(
    Object.entries(arrays).flatMap(([name, array]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), array]] : [],
    ),
  );

/** Rows of a tensor along its first axis, copied in the order of `indices`. */
export function takeRows<D extends DType>(
  tensor: TensorOf<D>,
  indices: ArrayLike<number>,
): TensorOf<D> {
  const [, ...rest] = tensor.shape;
  const stride = sizeOf(rest);
  const data = new (classOf(tensor.data))(indices.length * stride);
  for (let row = 0; row < indices.length; row++) {
    const from = indices[row] * stride;
    data.set(tensor.data.subarray(from, from + stride) as never, row * stride);
  }
  return { dtype: tensor.dtype, shape: [indices.length, ...rest], data };
}

/** Tensors of one dtype and row shape, one below the other; at least one. */
export function concatenateRows<D extends DType>(parts: readonly TensorOf<D>[]): TensorOf<D> {
  const [{ dtype, shape, data: first }] = parts;
  const rows = parts.reduce((sum, part) => sum + part.shape[0], 0);
  const row = String(shape.slice(1));
  const odd = parts.find((part) => String(part.shape.slice(1)) !== row);
  if (odd) throw new Error(`rows of [${odd.shape.slice(1)}] below rows of [${row}]`);
  const data = concatenated(
    classOf(first),
    parts.map((part) => part.data),
  );
  return { dtype, shape: [rows, ...shape.slice(1)], data };
}

/** One array after the other; of none, an empty one. */
export function concatenated<A extends ArrayOf[DType]>(
  type: new (length: number) => A,
  parts: readonly A[],
): A {
  const all = new type(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

// A typed array's constructor is lost to the type system when reached through a value.
const classOf = <D extends DType>(data: ArrayOf[D]) =>
  data.constructor as new (
    length: number,
  ) => ArrayOf[D];
