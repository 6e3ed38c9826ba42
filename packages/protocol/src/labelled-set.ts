import type { LabelledSet } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import { i32 } from "@tandem/core/tensor";
import { decodePayload, encodePayload } from "./payload";

/** Samples as one payload: labels, pictures as a PNG sheet, captions in the metadata. */
export function encodeLabelledSet(set: LabelledSet): Uint8Array {
  const { images, captions, labels, size } = set;
  return encodePayload({
    arrays: { labels: i32([size], labels), ...(images && { images }) },
    meta: captions ? { captions } : {},
    ...(images && { encoding: { images: "png" as const } }),
  });
}

/** Throws `bad-data` unless labels, pictures and captions are there in equal number. */
export function decodeLabelledSet(bytes: Uint8Array): LabelledSet {
  const { arrays, meta } = decodePayload(bytes);
  const { labels, images } = arrays;
  const bad = (what: string) => new TandemError("bad-data", `labelled set: ${what}`);
  if (labels?.dtype !== "i32" || labels.shape.length !== 1) throw bad("labels are missing");
  const size = labels.shape[0];
  if (images && (images.dtype !== "u8" || images.shape[0] !== size))
    throw bad(`pictures of shape [${images.shape}] for ${size} labels`);
  const { captions } = meta;
  if (captions !== undefined && !isTexts(captions, size)) throw bad(`not ${size} captions`);
  return {
    size,
    labels: labels.data,
    ...(images?.dtype === "u8" && { images }),
    ...(captions !== undefined && { captions: captions as readonly string[] }),
  };
}

const isTexts = (value: unknown, size: number): value is readonly string[] =>
  Array.isArray(value) && value.length === size && value.every((v) => typeof v === "string");
