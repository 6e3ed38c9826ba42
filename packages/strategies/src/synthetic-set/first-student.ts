import type { ServerEnv } from "@tandem/core/strategy";
import type { Arrays } from "@tandem/core/tensor";

/**
 * The student as the public set alone makes it, after 24,000 samples or 20 epochs. Of FM-Cap's 3,000,
 * a quarter with wrong captions, it then sees the caption's class in 83 % of the right ones and 10 % of
 * the wrong ones; after 20 epochs in 91 and 28 %: it has begun to learn the wrong ones by heart.
 */
export async function firstStudent({ teacher, rng, signal, progress }: ServerEnv): Promise<Arrays> {
  const request = {
    epochs: Math.min(20, Math.ceil(24_000 / teacher.publicSet.labels.length)),
    learningRate: 1e-3,
    seed: rng.fork("student").integer(2 ** 31),
  };
  return (await teacher.distil(request, { signal, progress })).student;
}
