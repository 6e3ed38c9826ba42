import * as z from "zod/mini";

/** Fields of a strategy's configuration: a default, bounds, and the words that forms show. */
type Words = { readonly title: string; readonly description: string };

function described<T extends z.ZodMiniType>(schema: T, words: Words): T {
  z.globalRegistry.add(schema, words);
  return schema;
}

export const integer = (
  value: number,
  min: number,
  max: number,
  title: string,
  description: string,
) =>
  described(z._default(z.int().check(z.minimum(min), z.maximum(max)), value), {
    title,
    description,
  });

export const real = (value: number, min: number, max: number, title: string, description: string) =>
  described(z._default(z.number().check(z.minimum(min), z.maximum(max)), value), {
    title,
    description,
  });

export const flag = (value: boolean, title: string, description: string) =>
  described(z._default(z.boolean(), value), { title, description });

export const choice = <const T extends readonly [string, ...string[]]>(
  value: T[number],
  options: T,
  title: string,
  description: string,
) => described(z._default(z.enum(options), value as never), { title, description });

export const localTraining = {
  localEpochs: integer(
    2,
    0,
    100,
    "Local epochs",
    "How often a client goes through its own samples in each round.",
  ),
  warmUpEpochs: integer(
    8,
    0,
    200,
    "Warm-up epochs",
    "How often it goes through them besides in its first round, when its model is still untrained.",
  ),
  batchSize: integer(32, 1, 512, "Batch size", "Samples in one step of a client's training."),
  learningRate: real(
    0.001,
    0.00001,
    1,
    "Learning rate",
    "Step size of the clients' training (Adam).",
  ),
  logitAdjustment: flag(
    true,
    "Logit adjustment",
    "Keeps a client that has many samples of one class from favouring that class (arXiv 2007.07314).",
  ),
};

/** The teacher's set of a round, and how a client learns from the sets that it keeps. */
export const syntheticSet = {
  items: integer(
    256,
    8,
    2048,
    "Synthetic set",
    "How many pictures, each with its caption, the teacher paints in a round.",
  ),
  samplingSteps: integer(
    8,
    1,
    100,
    "Sampling steps",
    "Steps in which the teacher turns noise into a picture. More steps: finer pictures, slower rounds.",
  ),
  guidance: real(
    2,
    0,
    10,
    "Guidance",
    "How strongly the caption steers the picture that is painted for it; 0 ignores the caption.",
  ),
  colours: integer(
    0,
    0,
    256,
    "Colours",
    "To how many colours a set's pictures are reduced before anyone sees them, so that they take fewer bytes to send. 0: as they were painted.",
  ),
  transferEpochs: integer(
    6,
    0,
    50,
    "Transfer epochs",
    "How often a client goes through the cached synthetic sets in each round, to learn what is known of them.",
  ),
  cachedSets: integer(
    3,
    1,
    10,
    "Cached sets",
    "How many of the latest synthetic sets a client keeps learning from.",
  ),
  calibration: flag(
    true,
    "Calibrated halves",
    "On: a client with pairs weighs its picture half and its caption half by how well each answers the newest prompts, before it learns from them. Off: both as they are, so that the half that is surer of itself decides.",
  ),
  catchUp: flag(
    true,
    "Catching up",
    "On: a client that is new or has missed rounds is sent the cached sets that it lacks, and what is known of them. Off: it goes on with the sets that it has.",
  ),
};
