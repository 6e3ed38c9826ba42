import { formatBytes } from "@tandem/core/format";
import type { Normalisation } from "@tandem/core/task";

/** The words of the panel for a model of somebody's own. */
export const text = {
  about:
    "A LayersModel of TensorFlow.js can read the pictures in place of the small network that you would get. It is checked, kept and trained in this browser: neither its files nor its weights are sent. Others see only that you train a model of your own.",
  fed: "Pixel values that it expects",
  scales: {
    "0..1": "0 to 1",
    "-1..1": "-1 to 1",
    "0..255": "0 to 255",
    imagenet: "ImageNet: less the mean, by the deviation",
  } satisfies Readonly<Record<Normalisation, string>>,
  layer: "Layer of the features",
  optional: "(optional)",
  lastLayer: "the last",
  files: "model.json and its weight files",
  choose: "Choose model.json and weights",
  checking: "Checking layers, shapes and gradients",
  kept: (bytes: number) => `Your model is kept in this browser, ${formatBytes(bytes)}`,
  keptText: (features: number, size: number, parameters: number) =>
    `It makes ${features} features of ${size} × ${size} pixels, and ${parameters.toLocaleString("en")} of its numbers are trained. Whoever joins from this browser trains it.`,
  remove: "Remove it",
  brought: "The model that you brought",
} as const;
