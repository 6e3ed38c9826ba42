import { type LabelledSet, modalities, type Presence } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import { addPrefix, i32, sizeOf, type TensorData, type TensorOf, u8 } from "@tandem/core/tensor";
import { decodePayload, encodePayload } from "./payload-codec";
import { fitsSheet } from "./sheet";

/**
 * Samples as one payload: labels, pictures as a PNG sheet where they fit one, their features, captions
 * and parts in the meta, and a mask for each modality that some samples lack.
 */
export function encodeLabelledSet(set: LabelledSet): Uint8Array {
  const { images, features, captions, labels, size, present = {}, captionsFrom, parts } = set;
  const masks = Object.entries(present).map(([modality, mask]) => [modality, u8([size], mask)]);
  return encodePayload({
    arrays: {
      labels: i32([size], labels),
      ...(images && { images }),
      ...(features && { features }),
      ...addPrefix("present/", Object.fromEntries(masks)),
    },
    meta: {
      ...(captions && { captions }),
      ...(captionsFrom !== undefined && { captionsFrom }),
      ...(parts && { parts }),
    },
    ...(images && fitsSheet(images.shape) && { encoding: { images: "png" as const } }),
  });
}

/**
 * Throws `bad-data` unless labels, pictures, features and captions are there in equal number, and what a
 * mask says is absent is blank.
 */
export function decodeLabelledSet(
  bytes: Uint8Array,
  limits: Parameters<typeof decodePayload>[1] = {},
): LabelledSet {
  const { arrays, meta } = decodePayload(bytes, limits);
  const { labels, images, features } = arrays;
  const bad = (what: string) => new TandemError("bad-data", `labelled set: ${what}`);
  if (labels?.dtype !== "i32" || labels.shape.length !== 1) throw bad("labels are missing");
  const size = labels.shape[0];
  if (images && !isPictures(images, size))
    throw bad(`pictures of shape [${images.shape}] for ${size} labels`);
  if (features && !(images && isFeatures(features, size)))
    throw bad(`features of shape [${features.shape}] for ${images ? size : 0} pictures`);
  const { captions, captionsFrom, parts } = meta;
  if (captions !== undefined && !isTexts(captions, size)) throw bad(`not ${size} captions`);
  if (captionsFrom !== undefined && !(images && captions && isRound(captionsFrom)))
    throw bad(`captions of pictures cannot come in round ${JSON.stringify(captionsFrom)}`);
  if (parts !== undefined && !isTexts(parts, size)) throw bad(`not ${size} names of parts`);
  const set = {
    size,
    labels: labels.data,
    ...(images && { images }),
    ...(features && { features }),
    ...(captions !== undefined && { captions: captions as readonly string[] }),
    ...(captionsFrom !== undefined && { captionsFrom: captionsFrom as number }),
    ...(parts !== undefined && { parts: parts as readonly string[] }),
  };
  const masks = modalities.flatMap((modality) => {
    const mask = arrays[`present/${modality}`];
    if (!mask) return [];
    if (!images || !captions) throw bad(`a mask of ${modality} for samples of one modality`);
    if (!isMask(mask, size)) throw bad(`the mask of ${modality} is not ${size} zeros and ones`);
    return [[modality, mask.data] as const];
  });
  if (masks.length === 0) return set;
  const whole: LabelledSet = { ...set, present: Object.fromEntries(masks) };
  const wrong = Array.from(labels.data.keys()).find((row) => !isConsistent(whole, row));
  if (wrong === undefined) return whole;
  throw bad(`sample ${wrong} has neither picture nor caption, or one that its mask denies`);
}

const isPictures = (array: TensorData, size: number): array is TensorOf<"u8"> =>
  array.dtype === "u8" &&
  array.shape.length === 4 &&
  array.shape[0] === size &&
  array.shape[3] === 3;

const isFeatures = (array: TensorData, size: number): array is TensorOf<"f32"> =>
  array.dtype === "f32" && array.shape.length === 2 && array.shape[0] === size;

const isTexts = (value: unknown, size: number): value is readonly string[] =>
  Array.isArray(value) && value.length === size && value.every((v) => typeof v === "string");

const isRound = (value: unknown) => Number.isInteger(value) && (value as number) >= 1;

const isMask = (array: TensorData, size: number): array is TensorOf<"u8"> =>
  array.dtype === "u8" && String(array.shape) === String([size]) && array.data.every((v) => v <= 1);

function isConsistent({ images, captions, present = {} }: LabelledSet, row: number): boolean {
  const lacks = (modality: keyof Presence) => present[modality]?.[row] === 0;
  const stride = sizeOf(images?.shape.slice(1) ?? []);
  const isBlack = () =>
    images?.data.subarray(row * stride, (row + 1) * stride).every((value) => value === 0);
  if (lacks("image")) return isBlack() === true && !lacks("text");
  return !lacks("text") || captions?.[row] === "";
}
