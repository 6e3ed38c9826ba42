/** Images (B, C, h, h), filters (O, C, 3, 3), stride 1, same size. */
export const convolution = { batch: 32, inputs: 32, outputs: 64, side: 28 } as const;

const { batch, inputs, outputs, side } = convolution;
const places = batch * side * side;

export type Operation = {
  readonly name: string;
  readonly type: "matmul" | "forward" | "dX" | "dW";
  /** The matrix product with as many multiplications: (m, k) x (k, n). */
  readonly product: { readonly m: number; readonly k: number; readonly n: number };
};

const square = (n: number) => ({ m: n, k: n, n });

export const operations: readonly Operation[] = [
  { name: "matmul 512", type: "matmul", product: square(512) },
  { name: "matmul 1024", type: "matmul", product: square(1024) },
  { name: "conv 3x3", type: "forward", product: { m: places, k: 9 * inputs, n: outputs } },
  { name: "conv 3x3 dX", type: "dX", product: { m: places, k: 9 * outputs, n: inputs } },
  { name: "conv 3x3 dW", type: "dW", product: { m: 9 * inputs, k: places, n: outputs } },
];

export const gigaflop = ({ product: { m, k, n } }: Operation): number => (2 * m * k * n) / 1e9;

/** An operation ready to be timed; `release` frees what it holds. */
export type Prepared = {
  readonly run: () => Promise<number>;
  readonly release: () => void | Promise<void>;
};

export type EngineUnderTest = {
  readonly name: string;
  prepare(operation: Operation): Promise<Prepared>;
};
