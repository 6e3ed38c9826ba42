import type { Payload } from "@tandem/core/payload";
import type { Encoding } from "@tandem/core/teacher";
import { type Arrays, addPrefix } from "@tandem/core/tensor";
import { matrix, rowsOf } from "../aggregation/rows";
import { softmax } from "../synthetic-set/averaged-answers";

/** What the student of public samples alone says of the set: arrays `self/…` of the state. */
export function selfOpinion({ image, text }: Encoding): Arrays {
  if (!image || !text) throw new Error("the student answers for both modalities");
  const logits = rowsOf({ logits: image.logits }, "logits");
  return addPrefix("self/", {
    probabilities: matrix(logits.map(softmax)),
    image: image.z,
    text: text.z,
  });
}

/** The same in place of the judges' consensus: one voice, which quarrels with nobody. */
export function selfVerdictOf({ arrays }: Payload) {
  const pooled = rowsOf(arrays, "self/probabilities");
  return {
    pooled,
    disagreement: new Float64Array(pooled.length),
    image: rowsOf(arrays, "self/image"),
    text: rowsOf(arrays, "self/text"),
  };
}
