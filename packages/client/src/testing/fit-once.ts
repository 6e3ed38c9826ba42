import { clientId } from "@tandem/core/ids";
import type { TrainOptions } from "@tandem/core/model";
import { emptyPayload, type Payload } from "@tandem/core/payload";
import type { ClientHalf } from "@tandem/core/strategy";
import { u8 } from "@tandem/core/tensor";
import { createTokenizer } from "@tandem/core/tokenizer";
import { createModel } from "@tandem/models/registry";
import { createTrainer } from "@tandem/models/trainer";
import { type ClientContext, handle } from "../handle";

/** Six pictures of two classes; another `salt`, other pictures. */
export const pictures = (salt = 0) =>
  u8(
    [6, 8, 8, 3],
    Uint8Array.from(
      { length: 6 * 192 },
      (_, i) => (i * 37 + salt * 11 + (Math.floor(i / 192) % 2) * 90) % 256,
    ),
  );
export const labels = Int32Array.of(0, 1, 0, 1, 0, 1);

/** One round of a new client, or of the one that `before` has left: a small MLP on six pictures. */
export function fitOnce(options: {
  readonly strategy: ClientHalf;
  readonly instruction?: Payload;
  readonly before?: ClientContext;
  readonly seed?: number;
  readonly round?: number;
  /** Sees all training that is asked for. */
  readonly watch?: (options: TrainOptions) => void;
}) {
  const { strategy, instruction = emptyPayload, seed = 3, round = 1 } = options;
  const trainer = createTrainer({ tokenizer: createTokenizer({ words: ["a"], buckets: 2 }) });
  const data = { size: 6, labels, images: pictures(seed) };
  return handle(
    {
      strategy,
      trainer: {
        ...trainer,
        train(asked) {
          options.watch?.(asked);
          return trainer.train(asked);
        },
      },
      createModel: () => createTestModel(seed),
      classes: ["dark", "bright"],
      data,
      test: data,
      stream: `client ${seed}`,
      signal: new AbortController().signal,
      progress: () => {},
    },
    options.before ?? {
      client: { id: clientId("c"), modality: "image", architecture: "mlp-image", samples: 6 },
      memory: emptyPayload,
    },
    { round, payload: instruction },
  );
}

export const createTestModel = (seed = 3) =>
  createModel({ architecture: "mlp-image", classes: 2, vocabularySize: 4, imageSize: 8, seed });

/** An instruction about six pictures. */
export const about = (set: number, more: Payload = emptyPayload): Payload => ({
  arrays: { images: pictures(100 + set), ...more.arrays },
  meta: {
    set,
    captions: Array.from(labels, (label) => `a ${label}`),
    labels: [...labels],
    ...more.meta,
  },
});
