import type { JsonObject } from "./json";
import type { Arrays } from "./tensor";

/** How an array is packed on the wire; without an entry it travels as it is. */
export type WireEncoding =
  | "f16" // f32 rounded to half precision
  | "i8-rows" // f32 (N, d) as int8 with one f16 scale a row
  | "i4-rows" // the same in 15 values, rows of the same length
  | "u8-shares" // f32 (N, C), distributions as whole 255ths
  | "png"; // u8 (N, h, w, 3) as one sheet

/** The only thing that crosses the wire for a strategy, and the only thing it keeps. */
export type Payload = {
  readonly arrays: Arrays;
  readonly meta: JsonObject;
  readonly encoding?: Readonly<Record<string, WireEncoding>>;
};

export const emptyPayload: Payload = { arrays: {}, meta: {} };
