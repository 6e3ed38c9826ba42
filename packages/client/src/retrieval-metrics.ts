import type { LabelledSet } from "@tandem/core/data";
import type { ClientModel, Trainer } from "@tandem/core/model";
import type { Metrics } from "@tandem/core/strategy";
import { type Recall, retrieval } from "@tandem/evaluation/retrieval";

/** How well the model finds the caption of a test picture and the picture of a caption. */
export async function retrievalMetrics(
  { model, trainer, test }: { model: ClientModel; trainer: Trainer; test: LabelledSet },
  signal: AbortSignal,
): Promise<Metrics> {
  const { z } = await trainer.predict(model, test, signal);
  if (!z.image || !z.text || !test.captions)
    throw new Error("retrieval is measured on pairs, by a model of both modalities");
  const { imageToText, textToImage, rsum } = retrieval(z.image, z.text, test.captions);
  const named = (direction: string, { r1, r5, r10, medianRank }: Recall) => ({
    [`retrieval/${direction}/r1`]: r1,
    [`retrieval/${direction}/r5`]: r5,
    [`retrieval/${direction}/r10`]: r10,
    [`retrieval/${direction}/median-rank`]: medianRank,
  });
  return {
    ...named("image-to-text", imageToText),
    ...named("text-to-image", textToImage),
    "retrieval/rsum": rsum,
  };
}
