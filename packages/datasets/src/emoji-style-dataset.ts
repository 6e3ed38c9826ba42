import { concatenate } from "@tandem/core/data";
import { createRng } from "@tandem/core/rng";
import { balanced, inParts } from "./balanced";
import type { Dataset } from "./dataset";
import { vendors } from "./emoji-concepts";
import { loadEmojiStyle } from "./emoji-style";

/** One pool a vendor; the test set has the same concepts as all four draw them. */
export async function emojiStyle(): Promise<Dataset> {
  const data = await loadEmojiStyle();
  return {
    classes: data.classes,
    vocabulary: data.vocabulary,
    background: 255,
    teacher: {
      checkpoint: "public/teacher/emoji-style",
      public: data.public,
      publicTexts: data.publicTexts,
    },
    judge: {
      weights: "public/evaluators/emoji-style.safetensors",
      trainedOn: concatenate(
        vendors.flatMap((vendor) =>
          [data.validation[vendor], data.test[vendor]].map((set) => inParts(set, () => vendor)),
        ),
      ),
      reference: data.public,
      parts: { names: vendors, weights: "public/evaluators/emoji-style-parts.safetensors" },
    },
    deal: ({ seed, benchmark }) => ({
      pools: vendors.map((vendor) => ({ source: vendor, set: data.private[vendor] })),
      test: concatenate(
        vendors.map((vendor) =>
          balanced(
            inParts(data[benchmark][vendor], () => vendor),
            {
              classes: data.classes.length,
              perClass: 12,
              rng: createRng(`federate/${seed}`).fork("test"),
            },
          ),
        ),
      ),
    }),
  };
}
