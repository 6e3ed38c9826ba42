import type { LabelledSet } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import { takeRows } from "@tandem/core/tensor";
import type { Vocabulary } from "@tandem/core/tokenizer";
import { loadClipart } from "@tandem/datasets/clipart/clipart";
import { loadEmojiDomains, styleOf } from "@tandem/datasets/emoji/domain-dataset";
import { loadEmojiStyle } from "@tandem/datasets/emoji/style";
import { loadFmCapDomains } from "@tandem/datasets/fashion/domains";
import { loadFmCap } from "@tandem/datasets/fashion/fm-cap";
import { thinned } from "@tandem/diffusion/training/augment";
import { baseShapes, evenly, type Recipe } from "@tandem/diffusion/training/recipe";
import { clipartPictures } from "./clipart-64";

const onWhite = { pixels: 1, background: 255 };

export type RecipeOptions = {
  /** Share of captions that name the wrong class; FM-Cap's own by default. Others have none. */
  readonly captionNoise?: number | undefined;
};

export const recipes: Readonly<Record<string, (options?: RecipeOptions) => Promise<Recipe>>> = {
  async "emoji-style"() {
    const { public: set, vocabulary } = await loadEmojiStyle();
    const { images, captions } = set;
    if (!images || !captions) throw new Error("Emoji-Style holds images and captions");
    return {
      images,
      captions,
      shift: onWhite,
      draw: (rng) => rng.integer(captions.length),
      caption: thinned,
      vocabulary,
      model: baseShapes.large,
    };
  },

  /** Half of the samples say who has drawn them, so that the styles are learned as such. */
  async "emoji-domain"() {
    const { public: set, publicVendors, vocabulary } = await loadEmojiDomains();
    const { images, captions } = set;
    if (!images || !captions) throw new Error("Emoji-Domain holds images and captions");
    const styles = publicVendors.map(styleOf);
    return {
      images,
      captions: captions.map((caption, row) => `${styles[row]} ${caption}`),
      shift: onWhite,
      draw: (rng) => rng.integer(captions.length),
      caption(text, rng) {
        const space = text.indexOf(" ");
        const said = thinned(text.slice(space + 1), rng);
        return rng.uniform() < 0.5 ? `${text.slice(0, space)} ${said}` : said;
      },
      vocabulary: { ...vocabulary, words: [...vocabulary.words, ...new Set(styles)].sort() },
      model: baseShapes.large,
    };
  },

  /** Nouns of five pictures and more, each drawn as often as any other. */
  async clipart() {
    const { set, vocabulary } = await loadClipart({ minimum: 5, maximum: 20 });
    const { images, captions, labels } = set;
    if (!images || !captions) throw new Error("the clip art holds images and captions");
    return {
      images,
      captions,
      shift: onWhite,
      draw: evenly(labels),
      caption: thinned,
      vocabulary,
      model: baseShapes.large,
    };
  },

  /** Of 64 nouns the plainest pictures, mostly by the noun alone. */
  async "clipart-64"() {
    const { set, paths, vocabulary } = await loadClipart();
    const { images, captions } = set;
    if (!images || !captions) throw new Error("the clip art holds images and captions");
    const rows = Object.values(clipartPictures).flat().map(rowIn(paths));
    return {
      images: takeRows(images, rows),
      captions: rows.map((row) => captions[row]),
      shift: { pixels: 0, background: 255 },
      draw: (rng) => rng.integer(rows.length),
      caption: (text, rng) => (rng.uniform() < 0.6 ? text.split(":")[0] : thinned(text, rng)),
      vocabulary,
      model: baseShapes.large,
    };
  },

  /** FM-Cap in its domains: at 16 pixels, and with wrong captions. */
  async "fm-cap-domain"() {
    const { public: set, vocabulary } = await loadFmCapDomains();
    return fashionRecipe(set, vocabulary);
  },

  /** At 16 pixels, and with wrong captions as FM-Cap has them. */
  async fmnist({ captionNoise: share } = {}) {
    const { public: set, vocabulary } = await loadFmCap({
      size: 16,
      ...(share !== undefined && { noise: { kind: "ring", share } }),
    });
    return fashionRecipe(set, vocabulary);
  },
};

const fashionRecipe = ({ images, captions }: LabelledSet, vocabulary: Vocabulary): Recipe => {
  if (!images || !captions) throw new Error("FM-Cap holds images and captions");
  return {
    images,
    captions,
    shift: { pixels: 0, background: 0 },
    draw: (rng) => rng.integer(captions.length),
    caption: (text) => text,
    vocabulary,
    model: baseShapes.small,
  };
};

const rowIn = (paths: readonly string[]) => (path: string) => {
  const row = paths.indexOf(path);
  if (row < 0) throw new TandemError("not-found", `The clip art has no picture ${path}.`);
  return row;
};
