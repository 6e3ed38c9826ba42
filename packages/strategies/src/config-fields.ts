import * as z from "zod/mini";

/** Fields of a strategy's configuration: a default, bounds, and the words that forms show. */
type Words = { readonly title: string; readonly description: string };

function described<T extends z.ZodMiniType>(schema: T, words: Words): T {
  z.globalRegistry.add(schema, words);
  return schema;
}

/** A default and its bounds, both of which are allowed. */
type Range = { readonly value: number; readonly from: number; readonly to: number };

export const integer = ({ value, from, to }: Range, title: string, description: string) =>
  described(z._default(z.int().check(z.minimum(from), z.maximum(to)), value), {
    title,
    description,
  });

export const real = ({ value, from, to }: Range, title: string, description: string) =>
  described(z._default(z.number().check(z.minimum(from), z.maximum(to)), value), {
    title,
    description,
  });

export const flag = ({ value }: { readonly value: boolean }, title: string, description: string) =>
  described(z._default(z.boolean(), value), { title, description });

export const choice = <const T extends readonly [string, ...string[]]>(
  { value, options }: { readonly value: T[number]; readonly options: T },
  title: string,
  description: string,
) => described(z._default(z.enum(options), value as never), { title, description });

export const localTraining = {
  localEpochs: integer(
    { value: 2, from: 0, to: 100 },
    "Local epochs",
    "How often a client goes through its own samples in each round.",
  ),
  warmUpEpochs: integer(
    { value: 8, from: 0, to: 200 },
    "Warm-up epochs",
    "Additional epochs in a client's first round, while its model is still untrained.",
  ),
  batchSize: integer(
    { value: 32, from: 1, to: 512 },
    "Batch size",
    "Samples in one step of a client's training.",
  ),
  learningRate: real(
    { value: 0.001, from: 0.00001, to: 1 },
    "Learning rate",
    "Step size of the clients' training (Adam).",
  ),
  logitAdjustment: flag(
    { value: true },
    "Logit adjustment",
    "Keeps a client that has many samples of one class from favouring that class (arXiv 2007.07314).",
  ),
};

/** The teacher's set of a round, and how a client learns from the sets that it keeps. */
export const syntheticSet = {
  items: integer(
    { value: 256, from: 8, to: 2048 },
    "Synthetic set",
    "How many pictures, each with its caption, the teacher paints in a round.",
  ),
  samplingSteps: integer(
    { value: 8, from: 1, to: 100 },
    "Sampling steps",
    "Steps in which the teacher turns noise into a picture. More steps: finer pictures, slower rounds.",
  ),
  guidance: real(
    { value: 2, from: 0, to: 10 },
    "Guidance",
    "How strongly the caption steers the picture that is painted for it. Up to 1: as the model answers it, in half the time; above, exaggerated.",
  ),
  colours: integer(
    { value: 0, from: 0, to: 256 },
    "Colours",
    "How many colours a set's pictures are reduced to before anyone sees them, so that they take fewer bytes to send. 0: as they were painted.",
  ),
  transferEpochs: integer(
    { value: 6, from: 0, to: 50 },
    "Transfer epochs",
    "How often a client goes through the cached synthetic sets in each round, to learn what is known of them.",
  ),
  cachedSets: integer(
    { value: 3, from: 1, to: 10 },
    "Cached sets",
    "How many of the latest synthetic sets a client keeps learning from.",
  ),
  calibration: flag(
    { value: true },
    "Calibrated halves",
    "On: a client with pairs weighs its picture half and its caption half by how well each answers the newest prompts, before it learns from them. Off: both as they are, so that the half that is surer of itself decides.",
  ),
  catchUp: flag(
    { value: true },
    "Catching up",
    "On: a client that is new or has missed rounds is sent the cached sets that it lacks, and what is known of them. Off: it goes on with the sets that it has.",
  ),
};
