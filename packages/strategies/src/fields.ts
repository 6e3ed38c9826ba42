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
  localEpochs: integer(2, 0, 100, "Local epochs", "Passes over the private samples in each round."),
  warmUpEpochs: integer(
    8,
    0,
    200,
    "Warm-up epochs",
    "Further passes over the private samples in a client's first round.",
  ),
  batchSize: integer(32, 1, 512, "Batch size", "Samples in one step of the client's optimiser."),
  learningRate: real(0.001, 0.00001, 1, "Learning rate", "Adam's step size at the clients."),
  logitAdjustment: flag(
    true,
    "Logit adjustment",
    "Correct the clients' training for their uneven classes (arXiv 2007.07314).",
  ),
};
