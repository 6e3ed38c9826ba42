import { TandemError } from "@tandem/core/errors";
import type { Payload } from "@tandem/core/payload";
import { createRng, type Rng } from "@tandem/core/rng";
import type { ServerEnv } from "@tandem/core/strategy";
import type { Teacher } from "@tandem/core/teacher";
import { type Arrays, addPrefix, arrayOf, f32, sizeOf, type TensorOf } from "@tandem/core/tensor";
import { align, type Prototype } from "../../fedktl/alignment";
import { initialNet } from "../../training/small-net";
import type { FedmmktConfig } from "../config";
import { type FedmmktState, type FedmmktStep, isNone, roundOf } from "../state";
import { sentPrototypes } from "./prototypes";

/** As in FedKTL's code (https://github.com/TsingZ0/FedKTL). */
const alignment = { alignmentEpochs: 100, alignmentRate: 0.01, centroidWeight: 1 };

/**
 * Learns the start noise of each class from the clients' prototypes, in place of an adapter: FedKTL's
 * alignment (arXiv 2403.15760; docs/algorithm.md A12). Throws `not-supported` for a teacher that takes no noise.
 */
export async function concludeLatents(
  { state, metrics }: FedmmktStep,
  accumulator: Payload,
  env: ServerEnv,
): Promise<FedmmktStep> {
  const { kept } = state;
  const own = isNone(kept.latents) ? initialLatents(state, env) : kept.latents;
  const sent = sentPrototypes(accumulator).flatMap(({ rows, counts }) =>
    rows.flatMap((row, label): Prototype[] => (counts[label] > 0 ? [{ row, label }] : [])),
  );
  const aligned = await align(alignment, { arrays: own, meta: {} }, sent, env);
  const latents = { ...kept.latents, ...aligned.state.arrays };
  return {
    state: { ...state, kept: { ...kept, latents } },
    metrics: { ...metrics, ...aligned.metrics },
  };
}

function initialLatents(state: FedmmktState, { classes, teacher }: ServerEnv): Arrays {
  const { noiseShape } = teacher.abilities;
  if (!noiseShape)
    throw new TandemError(
      "not-supported",
      'teacherUpdate "fedktl-loop" chooses the start noise of pictures, and this teacher takes none: use a model folder as teacher, or "raft".',
    );
  const [size, rng] = [sizeOf(noiseShape), createRng("fedmmkt/latents")];
  const normal = rng.fork("centroids");
  const values = Array.from({ length: classes.length * size }, () => normal.normal());
  const inputs = roundOf(state).g.image.shape[1];
  const net = initialNet({ inputs, hidden: classes.length, outputs: size }, rng.fork("net"));
  return { ...addPrefix("net/", net), centroids: f32([classes.length, size], values) };
}

/**
 * x_T = m c_y + √(1 - m²) ε of pictures of these classes, (N, …noiseShape); undefined before any are
 * learnt. FedKTL paints one picture a class, where m is 1: a set needs many. [ours]
 */
export function classNoise(
  { latentShare }: FedmmktConfig,
  latents: Arrays,
  labels: readonly number[],
  { teacher, rng }: { readonly teacher: Teacher; readonly rng: Rng },
): TensorOf<"f32"> | undefined {
  if (!("centroids" in latents)) return undefined;
  const { noiseShape = [] } = teacher.abilities;
  const { shape, data } = arrayOf(latents, "centroids", "f32");
  const own = Math.sqrt(1 - latentShare ** 2);
  const values = Float32Array.from(
    { length: labels.length * shape[1] },
    (_, at) =>
      latentShare * data[labels[Math.floor(at / shape[1])] * shape[1] + (at % shape[1])] +
      own * rng.normal(),
  );
  return f32([labels.length, ...noiseShape], values);
}
