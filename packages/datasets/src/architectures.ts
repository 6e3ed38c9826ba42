import type { ClientModality } from "@tandem/core/data";

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

/** Convolutions plain and by channel, patches, and neither. */
export const variedArchitectures: Architectures = {
  image: ["cnn-small", "mlp-image", "cnn-depthwise", "vit"],
  text: ["bag", "gru", "transformer"],
  "image-text": ["dual-cnn-bag", "dual-depthwise-bag", "dual-mlp-bag", "dual-vit-transformer"],
};
