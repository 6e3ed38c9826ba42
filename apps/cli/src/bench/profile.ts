import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeOnnx } from "@tandem/graph/onnx";
import type { Values } from "@tandem/graph/onnx-session";
import type { Tensor } from "@tandem/graph/tensor";
import { InferenceSession } from "onnxruntime-node";

const classes = {
  convolution: /Conv/,
  "matrix product": /MatMul|Gemm|^(Attention|MultiHeadAttention)$/,
  softmax: /Softmax/,
  normalisation: /Norm/,
  reduction: /^(Reduce|ArgMax|AveragePool|Resize)/,
  "data movement":
    /^(Transpose|Reshape|Slice|Concat|Split|Pad|Gather|Scatter|Expand|Unsqueeze|Squeeze|Identity|Memcpy|Reorder)/,
  "element-wise": /./,
} as const;
export type OperatorClass = keyof typeof classes;
export const operatorClasses = Object.keys(classes) as readonly OperatorClass[];

/** They sum to 1. */
export type OperatorShares = Readonly<Record<OperatorClass, number>>;

export const classOf = (operator: string): OperatorClass =>
  operatorClasses.find((kind) => classes[kind].test(operator)) ?? "element-wise";

/** A graph with what it runs on. */
export type ProfiledGraph = {
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly inputs: Values;
};

const runs = 4;

/** Where graphs that run equally often spend their time; each one's first run is left out. */
export async function profile(
  graphs: readonly ProfiledGraph[],
  options: { readonly threads: number },
): Promise<OperatorShares> {
  const spent = new Map<OperatorClass, number>();
  for (const graph of graphs)
    for (const { name, us } of await operatorTimes(graph, options))
      spent.set(classOf(name), (spent.get(classOf(name)) ?? 0) + us);
  const all = [...spent.values()].reduce((a, b) => a + b, 0);
  if (all === 0) throw new Error("onnxruntime's profile names no operator");
  const share = (kind: OperatorClass) => (spent.get(kind) ?? 0) / all;
  return Object.fromEntries(operatorClasses.map((kind) => [kind, share(kind)])) as OperatorShares;
}

async function operatorTimes(
  { outputs, inputs }: ProfiledGraph,
  { threads }: { readonly threads: number },
): Promise<readonly { readonly name: string; readonly us: number }[]> {
  const directory = await mkdtemp(join(tmpdir(), "tandem-profile-"));
  try {
    const session = await InferenceSession.create(encodeOnnx(outputs), {
      executionProviders: ["cpu"],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: "all",
      extra: { session: { intra_op: { allow_spinning: "0" } } },
      logSeverityLevel: 3,
      enableProfiling: true,
      profileFilePrefix: join(directory, "profile"),
    });
    for (let run = 0; run < runs; run++) await session.run(inputs);
    session.endProfiling();
    await session.release();
    const [file] = await readdir(directory);
    return parseProfile(await readFile(join(directory, file), "utf8"));
  } finally {
    await rm(directory, { recursive: true });
  }
}

type Event = {
  readonly cat: string;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
};

/** The operators of a profile after the first run of the model, with their microseconds. */
export function parseProfile(
  text: string,
): readonly { readonly name: string; readonly us: number }[] {
  const events: readonly Event[] = JSON.parse(text);
  const first = events.find(({ name }) => name === "model_run");
  const from = first ? first.ts + first.dur : 0;
  return events.flatMap(({ cat, name, ts, dur, args }) =>
    cat === "Node" && name.endsWith("_kernel_time") && ts >= from && args?.op_name
      ? [{ name: args.op_name, us: dur }]
      : [],
  );
}
