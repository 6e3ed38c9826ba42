import { concatenateRows, type TensorOf, takeRows } from "./tensor";

export const modalities = ["image", "text"] as const;
export type Modality = (typeof modalities)[number];
/** What a client holds: pictures, captions, or both of the same things. */
export const clientModalities = ["image", "text", "image-text"] as const;
export type ClientModality = (typeof clientModalities)[number];

/** What is held, in sentences. */
export const heldWords: Readonly<Record<ClientModality, string>> = {
  image: "pictures",
  text: "texts",
  "image-text": "pictures with texts",
};

export const modalitiesOf = (modality: ClientModality): readonly Modality[] =>
  modality === "image-text" ? modalities : [modality];

/** Samples of one party. Image and text, where both are present, are pairs row by row. */
export type LabelledSet = {
  readonly size: number;
  readonly labels: Int32Array;
  /** (N, h, w, 3), 0-255. */
  readonly images?: TensorOf<"u8">;
  /** (N, d) what a backbone makes of the pictures; beside them, and never sent. */
  readonly features?: TensorOf<"f32">;
  readonly captions?: readonly string[];
  /**
   * (N,) of 1 and 0 for each modality that some samples lack: there the picture is black or the
   * caption empty. A modality without an entry is complete.
   */
  readonly present?: Presence;
  /** First round that has the captions, of a party that gets them late; absent: the first of all. */
  readonly captionsFrom?: number;
  /** (N,) what each is of, e.g. its style or language, where accuracy is told for each part. */
  readonly parts?: readonly string[];
};
export type Presence = Readonly<Partial<Record<Modality, Uint8Array>>>;

export function subset(set: LabelledSet, indices: Int32Array): LabelledSet {
  const { images, features, captions, labels, present, captionsFrom, parts } = set;
  return {
    size: indices.length,
    labels: indices.map((i) => labels[i]),
    ...(images && { images: takeRows(images, indices) }),
    ...(features && { features: takeRows(features, indices) }),
    ...(captions && { captions: Array.from(indices, (i) => captions[i]) }),
    ...(present && { present: mapPresence(present, (mask) => indices.map((i) => mask[i])) }),
    ...(captionsFrom !== undefined && { captionsFrom }),
    ...(parts && { parts: Array.from(indices, (i) => parts[i]) }),
  };
}

const mapPresence = (present: Presence, map: (mask: Uint8Array) => ArrayLike<number>): Presence =>
  Object.fromEntries(
    Object.entries(present).map(([modality, mask]) => [modality, Uint8Array.from(map(mask))]),
  );

/**
 * Sets of the same modalities, one below the other; captions come when the last of them do, and features
 * are kept where all have them.
 */
export function concatenate(sets: readonly LabelledSet[]): LabelledSet {
  const images = sets.flatMap((set) => (set.images ? [set.images] : []));
  const features = sets.flatMap((set) => (set.features ? [set.features] : []));
  const captions = sets.flatMap((set) => set.captions ?? []);
  const masked = modalities.filter((modality) => sets.some(({ present }) => present?.[modality]));
  const present = masked.map((modality) => [
    modality,
    Uint8Array.from(
      sets.flatMap(({ size, present }) => [
        ...(present?.[modality] ?? new Uint8Array(size).fill(1)),
      ]),
    ),
  ]);
  const parts = sets.flatMap((set) => set.parts ?? []);
  const captionsFrom = Math.max(...sets.map((set) => set.captionsFrom ?? 0));
  return {
    size: sets.reduce((sum, set) => sum + set.size, 0),
    labels: Int32Array.from(sets.flatMap((set) => [...set.labels])),
    ...(images.length > 0 && { images: concatenateRows(images) }),
    ...(features.length > 0 &&
      features.length === sets.length && { features: concatenateRows(features) }),
    ...(captions.length > 0 && { captions }),
    ...(masked.length > 0 && { present: Object.fromEntries(present) }),
    ...(captionsFrom > 0 && { captionsFrom }),
    ...(parts.length > 0 && { parts }),
  };
}
