import { InferenceSession, Tensor as Value } from "onnxruntime-node";
import { encodeOnnx } from "./onnx";
import type { Tensor } from "./tensor";

export { Value };
export type Values = Readonly<Record<string, Value>>;

export type SessionOptions = {
  readonly threads?: number;
  readonly provider?: "cpu" | "cuda" | "webgpu";
};

/** A graph ready to run; `run` takes every input and gives every output. */
export type Compiled = {
  readonly inputs: readonly string[];
  /** Outputs that `into` names are written into its values, the others into fresh ones. */
  readonly run: (inputs: Values, into?: Values) => Promise<Values>;
  readonly release: () => Promise<void>;
};

export async function compile(
  outputs: Readonly<Record<string, Tensor>>,
  { threads = 1, provider = "cpu" }: SessionOptions = {},
): Promise<Compiled> {
  const session = await InferenceSession.create(encodeOnnx(outputs), {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
    // Its one block for all values is allocated beside what the first run took: twice the memory.
    enableMemPattern: false,
    // Spinning workers steal the cores from everything else on a shared machine.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
    logSeverityLevel: 3,
  });
  const fresh = Object.fromEntries(session.outputNames.map((name) => [name, null]));
  return {
    inputs: session.inputNames,
    run: (inputs, into) => session.run(inputs, { ...fresh, ...into }),
    release: () => session.release(),
  };
}

export const value = (data: Float32Array, shape: readonly number[]): Value =>
  new Value("float32", data, shape);
export const ids = (data: ArrayLike<number>, shape: readonly number[]): Value =>
  new Value(
    "int64",
    BigInt64Array.from(data, (id) => BigInt(id)),
    shape,
  );

/** The numbers of a value, not copied. */
export function floats(result: Value): Float32Array {
  if (result.type !== "float32") throw new Error(`value is ${result.type}, not float32`);
  return result.data as Float32Array;
}

/** One compiled graph per key, for example per batch size. */
export function sessionCache(options: SessionOptions) {
  const sessions = new Map<string, Promise<Compiled>>();
  return {
    get(key: string, trace: () => Readonly<Record<string, Tensor>>): Promise<Compiled> {
      const known = sessions.get(key) ?? compile(trace(), options);
      sessions.set(key, known);
      return known;
    },
    async close() {
      for (const session of sessions.values()) await (await session).release();
      sessions.clear();
    },
  };
}
