import { concatenate, type LabelledSet, subset } from "@tandem/core/data";
import { createRng } from "@tandem/core/rng";
import { balanced } from "../balanced";
import type { Dataset } from "../dataset";
import { type Concept, categories, type Split, type Vendor, vendors } from "./concepts";
import { type EmojiStyle, loadEmojiStyle } from "./style";
import { judgeOfVendors } from "./style-dataset";

/**
 * Emoji where all that the clients hold and are tested on is OpenMoji's. Of the server's pictures half are
 * Noto's and a sixth is of each other vendor; no prompt says whose.
 */
export const emojiDomain = () => emojiDrawnBy("openmoji");

/** The same with Twemoji's. */
export const emojiDomainTwemoji = () => emojiDrawnBy("twemoji");

async function emojiDrawnBy(own: Vendor): Promise<Dataset> {
  const data = await loadEmojiDomains();
  const [{ labels }] = [data.test[own]];
  const perClass = Math.min(
    ...categories.map((_, label) => labels.filter((other) => other === label).length),
  );
  return {
    classes: data.classes,
    vocabulary: data.vocabulary,
    background: 255,
    teacher: {
      checkpoint: "public/teacher/emoji-domain",
      public: data.public,
      publicTexts: data.publicTexts,
      styles: vendors.map(styleOf),
    },
    judge: { ...judgeOfVendors(data), reference: data.test[own] },
    deal: ({ seed, benchmark }) => ({
      // One a modality: who holds pictures, captions or pairs, the concepts are dealt out among these.
      pools: ["image", "text", "image-text"].map(() => ({ source: own, set: data.private[own] })),
      test: balanced(data[benchmark][own], {
        classes: data.classes.length,
        perClass,
        rng: createRng(`federate/${seed}`).fork("test"),
      }),
    }),
  };
}

/** Emoji-Style, where the server holds half of the concepts that clients had. */
export async function loadEmojiDomains(): Promise<
  Pick<EmojiStyle, "classes" | "vocabulary" | "private" | "validation" | "test" | "public"> &
    Pick<EmojiStyle, "publicTexts"> & {
      /** Who has drawn each row of the public set. */
      readonly publicVendors: readonly Vendor[];
    }
> {
  const data = await loadEmojiStyle();
  const split = splitForDomains(data.concepts);
  const rows = (wanted: Split) =>
    Int32Array.from(split.flatMap((own, row) => (own === wanted ? [row] : [])));
  const shown = rows("public");
  const others = vendors.slice(1);
  const second = Array.from(shown, (_, i) => others[i % others.length]);
  const drawnBy = (vendor: Vendor, of: Int32Array) => ({
    ...subset(data.drawn[vendor], of),
    captions: Array.from(of, (row) => data.prompts[row]),
  });
  const parts = others.map((vendor) => shown.filter((_, i) => second[i] === vendor));
  const order = [shown, ...parts];
  return {
    classes: data.classes,
    vocabulary: data.vocabulary,
    private: Object.fromEntries(
      vendors.map((vendor) => [vendor, subset(data.drawn[vendor], rows("private"))]),
    ) as Record<Vendor, LabelledSet>,
    validation: data.validation,
    test: data.test,
    public: concatenate(order.map((of, i) => drawnBy(vendors[i], of))),
    publicTexts: order.flatMap((of) => Array.from(of, (row) => data.texts[row])),
    publicVendors: order.flatMap((of, i) => Array.from(of, () => vendors[i])),
  };
}

/** What the base calls a vendor: its name's first word. */
export const styleOf = (vendor: Vendor): string => vendor.split("-")[0];

/** The half of each category's private concepts that the server gets; all else stays as it was. */
export function splitForDomains(concepts: readonly Concept[]): readonly Split[] {
  const split = concepts.map((concept) => concept.split);
  for (let label = 0; label < categories.length; label++) {
    const own = split.flatMap((part, row) =>
      part === "private" && concepts[row].label === label ? [row] : [],
    );
    const order = createRng(`emoji-domain/split/${label}`).permutation(own.length);
    for (const i of order.slice(0, own.length / 2)) split[own[i]] = "public";
  }
  return split;
}
