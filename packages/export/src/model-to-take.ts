import type { Modality } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import { formatBytes } from "@tandem/core/format";
import type { BackboneReference, Task } from "@tandem/core/task";
import type { Arrays } from "@tandem/core/tensor";
import type { Vocabulary } from "@tandem/core/tokenizer";
import type { Share } from "@tandem/evaluation/held-out";
import type { EncoderToTake } from "./own-encoder";

/** A trained model and what is to be said of it. */
export type ModelToTake = {
  readonly architecture: string;
  readonly weights: Arrays;
  /** Names, in the order of the columns. */
  readonly classes: readonly string[];
  /** Height and width in pixels, of a model that reads pictures. */
  readonly imageSize?: number;
  /** What the study's pictures are made into; absent: in colour, on white. */
  readonly pictures?: { readonly colour: boolean; readonly background: number };
  /** What makes the features of pictures that the model reads. */
  readonly backbone?: BackboneReference;
  /** Of a model that trains one of somebody's own. */
  readonly encoder?: EncoderToTake;
  /** Of a model that reads texts. */
  readonly vocabulary?: Vocabulary;
  readonly task: Pick<Task, "name" | "description" | "publicLicence">;
  readonly training: {
    readonly experiment: string;
    /** For people, e.g. "FedMMKT". */
    readonly strategy: string;
    readonly rounds: number;
    /** In words, e.g. "120 pictures of its owner's". */
    readonly data: string;
  };
  /** `on`: what was measured on, in words. */
  readonly results: readonly {
    readonly modality: Modality;
    readonly accuracy: Share;
    readonly on: string;
  }[];
  /** Accuracy after rounds, 0-1. */
  readonly history?: readonly { readonly round: number; readonly accuracy: number }[];
};

/** What an export will hold. */
export type ExportPlan = {
  /** Of the zip; about so many. */
  readonly bytes: number;
  /** `head`: what reads features alone; the backbone, a graph, has to go before it. */
  readonly holds: "model" | "head";
  /** Why there will be no model.onnx. */
  readonly withoutOnnx?: string;
};

const limits = {
  weights: 64 * 2 ** 20,
  classes: 1000,
  words: 100_000,
  rounds: 10_000,
  text: 10_000,
};

/** Throws `too-large` where a list, a text or the weights are larger than the limits. */
export function checkSizes({
  weights,
  classes,
  vocabulary,
  task,
  training,
  results,
  history,
}: ModelToTake) {
  const large = (what: string) => new TandemError("too-large", `The model has ${what}.`);
  const bytes = Object.values(weights).reduce((sum, { data }) => sum + data.byteLength, 0);
  if (bytes > limits.weights)
    throw large(
      `${formatBytes(bytes)} of weights: at most ${formatBytes(limits.weights)} are exported`,
    );
  if (classes.length > limits.classes)
    throw large(`${classes.length} classes: at most ${limits.classes} are exported`);
  const words = vocabulary?.words ?? [];
  if (words.length > limits.words)
    throw large(`${words.length} words: at most ${limits.words} are exported`);
  const rounds = history?.length ?? 0;
  if (rounds > limits.rounds)
    throw large(`a history of ${rounds} rounds: at most ${limits.rounds} are exported`);
  const texts = [
    ...classes,
    ...words,
    ...[task.name, task.description, task.publicLicence],
    ...[training.experiment, training.strategy, training.data],
    ...results.map(({ on }) => on),
  ];
  const long = texts.find((text) => text.length > limits.text);
  if (long !== undefined)
    throw large(`a text of ${long.length} characters: at most ${limits.text} are exported`);
}
