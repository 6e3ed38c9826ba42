import { concatenate, type LabelledSet } from "@tandem/core/data";
import { createRng } from "@tandem/core/rng";
import { balanced, inParts } from "../balanced";
import type { Dataset } from "../dataset";
import { type Vendor, vendors } from "./concepts";
import { type EmojiStyle, loadEmojiStyle } from "./style";

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
    judge: { ...judgeOfVendors(data), reference: data.public },
    deal: ({ seed, benchmark }) => ({
      pools: vendors.map((vendor) => ({ source: vendor, set: data.private[vendor] })),
      test: testOfVendors((vendor) => inParts(data[benchmark][vendor], () => vendor), {
        classes: data.classes.length,
        seed,
      }),
    }),
  };
}

/** Of what is drawn, and by whom: trained on what all four drew of concepts that nobody holds. */
export const judgeOfVendors = ({
  validation,
  test,
}: Pick<EmojiStyle, "validation" | "test">): Omit<Dataset["judge"], "reference"> => ({
  weights: "public/evaluators/emoji-style.safetensors",
  trainedOn: concatenate(
    vendors.flatMap((vendor) =>
      [validation[vendor], test[vendor]].map((set) => inParts(set, () => vendor)),
    ),
  ),
  parts: { names: vendors, weights: "public/evaluators/emoji-style-parts.safetensors" },
});

/** Twelve of each class, or all that there are; of rows that are the same concepts, the same ones. */
export const testOfVendors = (
  setOf: (vendor: Vendor, index: number) => LabelledSet,
  { classes, seed }: { readonly classes: number; readonly seed: number },
): LabelledSet =>
  concatenate(
    vendors.map((vendor, index) => {
      const rng = createRng(`federate/${seed}`).fork("test");
      return balanced(setOf(vendor, index), { classes, perClass: 12, rng });
    }),
  );
