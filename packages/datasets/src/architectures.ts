import type { ClientModality } from "@tandem/core/data";
import { encoderArchitectures } from "@tandem/core/model";

/** Client models that the places of a modality train in turn, names of `@tandem/models`. */
export type Architectures = Readonly<Record<ClientModality, readonly string[]>>;

export const usualArchitectures: Architectures = {
  image: ["cnn-small", "cnn-wide", "mlp-image"],
  text: ["bag", "transformer", "gru"],
  "image-text": ["dual-cnn-bag", "dual-cnn-gru", "dual-mlp-bag"],
};

/** Where a task has a backbone: heads on its features. */
export const backboneArchitectures: Architectures = {
  image: ["backbone-linear", "backbone-mlp"],
  text: usualArchitectures.text,
  "image-text": ["dual-backbone-bag"],
};

/** Where a task has an encoder: heads behind it, trained with it. */
export const withEncoder: Architectures = {
  image: [encoderArchitectures.image],
  text: usualArchitectures.text,
  "image-text": [encoderArchitectures["image-text"]],
};

/** Convolutions plain and by channel, patches, and neither. */
export const variedArchitectures: Architectures = {
  image: ["cnn-small", "mlp-image", "cnn-depthwise", "vit"],
  text: ["bag", "gru", "transformer"],
  "image-text": ["dual-cnn-bag", "dual-depthwise-bag", "dual-mlp-bag", "dual-vit-transformer"],
};

/**
 * Of an encoder, how long a training step takes beside the one that tabs are tried with, a CNN 16-32-64 on
 * 32 pictures of 32 pixels (`packages/engine/src/training-step.ts`): as measured with wasm, 32 samples.
 */
const costs = {
  "cnn-small": 1,
  "cnn-wide": 2,
  mlp: 0.3,
  bag: 0.25,
  transformer: 0.65,
  gru: 1.4,
  linear: 0.1,
  perceptron: 0.15,
} as const;
type Encoder = keyof typeof costs;

/** Pixels make their work, and that of no other. */
const ofPixels: readonly Encoder[] = ["cnn-small", "cnn-wide", "mlp"];

const encoders: Readonly<Partial<Record<string, readonly Encoder[]>>> = {
  "cnn-small": ["cnn-small"],
  "cnn-wide": ["cnn-wide"],
  "mlp-image": ["mlp"],
  bag: ["bag"],
  transformer: ["transformer"],
  gru: ["gru"],
  "dual-cnn-bag": ["cnn-small", "bag"],
  "dual-cnn-gru": ["cnn-small", "gru"],
  "dual-mlp-bag": ["mlp", "bag"],
  "backbone-linear": ["linear"],
  "backbone-mlp": ["perceptron"],
  "dual-backbone-bag": ["perceptron", "bag"],
};

/**
 * Of each architecture, with pictures of so many pixels a side, in steps of a tab's test; without those of
 * somebody's own encoder, which may cost anything.
 */
export function stepsOf(
  architectures: Architectures,
  size: number,
): Readonly<Record<string, number>> {
  const names = Object.values(architectures).flat();
  const costOf = (encoder: Encoder) =>
    costs[encoder] * (ofPixels.includes(encoder) ? (size / 32) ** 2 : 1);
  return Object.fromEntries(
    names.flatMap((name) => {
      const parts = encoders[name];
      return parts ? [[name, parts.reduce((sum, one) => sum + costOf(one), 0)]] : [];
    }),
  );
}
