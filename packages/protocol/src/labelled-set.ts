import type { LabelledSet } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import { i32, type TensorData, type TensorOf } from "@tandem/core/tensor";
import { decodePayload, encodePayload } from "./payload";
import { fitsSheet } from "./sheet";

/** Samples as one payload: labels, pictures as a PNG sheet where they fit one, captions in the meta. */
export function encodeLabelledSet(set: LabelledSet): Uint8Array {
  const { images, captions, labels, size } = set;
  return encodePayload({
    arrays: { labels: i32([size], labels), ...(images && { images }) },
    meta: captions ? { captions } : {},
    ...(images && fitsSheet(images.shape) && { encoding: { images: "png" as const } }),
  });
}

/** Throws `bad-data` unless labels, pictures and captions are there in equal number. */
export function decodeLabelledSet(bytes: Uint8Array): LabelledSet {
  const { arrays, meta } = decodePayload(bytes);
  const { labels, images } = arrays;
  const bad = (what: string) => new TandemError("bad-data", `labelled set: ${what}`);
  if (labels?.dtype !== "i32" || labels.shape.length !== 1) throw bad("labels are missing");
  const size = labels.shape[0];
  if (images && !isPictures(images, size))
    throw bad(`pictures of shape [${images.shape}] for ${size} labels`);
  const { captions } = meta;
  if (captions !== undefined && !isTexts(captions, size)) throw bad(`not ${size} captions`);
  return {
    size,
    labels: labels.data,
    ...(images && { images }),
    ...(captions !== undefined && { captions: captions as readonly string[] }),
  };
}

const isPictures = (array: TensorData, size: number): array is TensorOf<"u8"> =>
  array.dtype === "u8" &&
  array.shape.length === 4 &&
  array.shape[0] === size &&
  array.shape[3] === 3;

const isTexts = (value: unknown, size: number): value is readonly string[] =>
  Array.isArray(value) && value.length === size && value.every((v) => typeof v === "string");
