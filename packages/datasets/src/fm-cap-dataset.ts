import { subset } from "@tandem/core/data";
import { createRng } from "@tandem/core/rng";
import { variedArchitectures } from "./architectures";
import { balanced } from "./balanced";
import type { Dataset } from "./dataset";
import { loadFmCap } from "./fm-cap";

/** Private samples a place, until the pool of 12,000 is used up. */
const share = 400;

/** FM-Cap at 16 x 16 pixels: one in four of the teacher's captions names the wrong class. */
export async function fmCap(): Promise<Dataset> {
  const data = await loadFmCap({ size: 16 });
  return {
    classes: data.classes,
    vocabulary: data.vocabulary,
    architectures: variedArchitectures,
    background: 0,
    teacher: {
      checkpoint: "public/teacher/fmnist",
      public: data.public,
      publicTexts: data.publicTexts,
    },
    judge: {
      weights: "public/evaluators/fm-cap.safetensors",
      trainedOn: data.evaluation,
      reference: data.reference,
    },
    deal({ seed, slots }) {
      const size = Math.min(data.private.size, share * slots);
      const first = Int32Array.from({ length: size }, (_, i) => i);
      return {
        pools: [{ source: "fashion", set: subset(data.private, first) }],
        test: balanced(data.test, {
          classes: data.classes.length,
          perClass: 100,
          rng: createRng(`federate/${seed}`).fork("test"),
        }),
      };
    },
  };
}
