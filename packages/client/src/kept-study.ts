import { TandemError } from "@tandem/core/errors";
import type { Metrics } from "@tandem/core/strategy";
import type { Arrays, TensorOf } from "@tandem/core/tensor";
import { type JoinReply, requests } from "@tandem/protocol/events";
import { decodePayload, encodePayload } from "@tandem/protocol/payload-codec";
import * as z from "zod/mini";

/** How its pictures are made: sides in pixels, three channels that differ or not, and what is behind them. */
export type PicturesOf = {
  readonly size: number;
  readonly colour: boolean;
  /** 0-255. */
  readonly background: number;
};

/** What has to be known of a study to use its model when the server is gone. */
export type KeptStudy = {
  readonly joined: JoinReply;
  /** Whose data it trains on, where it is the participant's own. */
  readonly task?: string;
  /** Absent: it reads captions alone. */
  readonly pictures?: PicturesOf;
  /** Which of the participant's own encoders the model trains, if it does (`pinOf`). */
  readonly ownEncoder?: string;
};

/** Under which it is kept, after the experiment and the identity. */
export const studyName = "study";

/** A model as it was after so many rounds, with what was measured then. */
export type KeptModel = {
  readonly weights: Arrays;
  readonly metrics: Metrics;
  readonly rounds: number;
};

const byte = z.int().check(z.minimum(0), z.maximum(255));
const studyRecord = z.object({
  joined: requests.join.reply,
  task: z.exactOptional(z.string()),
  ownEncoder: z.exactOptional(z.string()),
  pictures: z.exactOptional(
    z.object({
      size: z.int().check(z.minimum(1), z.maximum(1024)),
      colour: z.boolean(),
      background: byte,
    }),
  ),
});
const modelMeta = z.object({ metrics: z.record(z.string(), z.number()), rounds: z.number() });

export const encodeStudy = (study: KeptStudy): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(study));

export function decodeStudy(bytes: Uint8Array): KeptStudy {
  const { joined, ...rest } = studyRecord.parse(JSON.parse(new TextDecoder().decode(bytes)));
  if (!joined.ok) throw new TandemError("corrupt", "it is no study that was joined");
  return { joined, ...rest };
}

export const encodeModel = ({ weights, metrics, rounds }: KeptModel): Uint8Array =>
  encodePayload({ arrays: weights, meta: { metrics, rounds } });

export function decodeModel(bytes: Uint8Array): KeptModel {
  const { arrays, meta } = decodePayload(bytes);
  return { weights: arrays, ...modelMeta.parse(meta) };
}

/** As most pictures (N, h, w, 3) are: their corners are their background. */
export function picturesOf({ shape, data }: TensorOf<"u8">): PicturesOf {
  const [count, size] = shape;
  const looked = Math.min(count, 64);
  const stride = size * size * 3;
  let colour = false;
  for (let i = 0; i < looked * stride && !colour; i += 3)
    colour = data[i] !== data[i + 1] || data[i] !== data[i + 2];
  const corners = [0, size - 1, size * (size - 1), size * size - 1];
  const greys = Array.from({ length: looked }, (_, row) =>
    corners.map((corner) => {
      const at = row * stride + 3 * corner;
      return Math.round((data[at] + data[at + 1] + data[at + 2]) / 3);
    }),
  )
    .flat()
    .sort((a, b) => a - b);
  return { size, colour, background: greys[Math.floor(greys.length / 2)] ?? 0 };
}
