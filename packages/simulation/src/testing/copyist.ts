import { closable } from "@tandem/core/closable-teacher";
import { TandemError } from "@tandem/core/errors";
import { createRng } from "@tandem/core/rng";
import type { Teacher } from "@tandem/core/teacher";
import { f32, type TensorOf, takeRows, u8 } from "@tandem/core/tensor";

/**
 * Paints by copying what it has seen, and looks at brightness. It cannot be taught. The samples are 8 x 8,
 * of two classes in turn: dark, and bright with 90 and more.
 */
export const createCopyist = (set: {
  readonly images: TensorOf<"u8">;
  readonly captions: readonly string[];
  readonly labels: Int32Array;
}): Teacher => {
  const generate: Teacher["generate"] = async (request, { signal, progress } = {}) => {
    const { prompts, seed, adapter, noise } = request;
    if (adapter || noise) return refuse();
    const rng = createRng(seed);
    const pixels = new Uint8Array(prompts.length * 192);
    for (const [i, prompt] of prompts.entries()) {
      if (signal?.aborted) throw new TandemError("cancelled", "copying was cancelled");
      const row = 2 * rng.integer(set.captions.length / 2) + Number(prompt === "bright");
      pixels.set(set.images.data.subarray(192 * row, 192 * (row + 1)), 192 * i);
      progress?.((i + 1) / prompts.length, "copying");
    }
    return u8([prompts.length, 8, 8, 3], pixels);
  };
  return closable({
    publicSet: {
      images: set.images,
      prompts: set.captions,
      captions: set.captions,
      labels: [...set.labels],
    },
    imageSize: 8,
    dimension: 64,
    abilities: { finetune: false, repeat: true },
    generate,
    finetune: refuse,
    encode: async ({ images, captions }) => ({
      ...(images && {
        image: encodingOf(
          Array.from({ length: images.shape[0] }, (_, i) => Number(images.data[192 * i] >= 90)),
        ),
      }),
      ...(captions && { text: encodingOf(captions.map((text) => Number(text === "bright"))) }),
    }),
    distil: async () => ({ student: { none: f32([1], [0]) }, loss: 0 }),
    async evaluate({ show = 0, ...request }) {
      if (show === 0) return { scores };
      const rows = [...request.labels.slice(0, show).keys()];
      return { scores, shown: takeRows(await generate(request), rows) };
    },
    close: async () => {},
  });
};

const refuse = async (): Promise<never> => {
  throw new TandemError("not-supported", "It only copies.");
};

const scores = {
  promptAccuracy: 1,
  realAccuracy: 1,
  secondPromptAccuracy: 1,
  secondRealAccuracy: 1,
  frechet: 0,
  precision: 1,
  recall: 1,
  diversity: 0,
};
/** Row of length 1 and logits of a class; half of each where it is not known. */
const encodingOf = (classes: readonly number[]) => ({
  z: f32(
    [classes.length, 64],
    classes.flatMap((c) => Array.from({ length: 64 }, (_, i) => Number(i === c))),
  ),
  logits: f32(
    [classes.length, 2],
    classes.flatMap((c) => [4 - 4 * c, 4 * c]),
  ),
});
