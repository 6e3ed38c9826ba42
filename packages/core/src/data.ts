import { concatenateRows, type TensorOf, takeRows } from "./tensor";

export type Modality = "image" | "text";
/** What a client holds: pictures, captions, or both of the same things. */
export type ClientModality = "image" | "text" | "image-text";

export const modalitiesOf = (modality: ClientModality): readonly Modality[] =>
  modality === "image-text" ? ["image", "text"] : [modality];

/** Samples of one party. Image and text, where both are present, are pairs row by row. */
export type LabelledSet = {
  readonly size: number;
  readonly labels: Int32Array;
  /** (N, h, w, 3), 0-255. */
  readonly images?: TensorOf<"u8">;
  readonly captions?: readonly string[];
};

export function subset(set: LabelledSet, indices: Int32Array): LabelledSet {
  const { images, captions, labels } = set;
  return {
    size: indices.length,
    labels: indices.map((i) => labels[i]),
    ...(images && { images: takeRows(images, indices) }),
    ...(captions && { captions: Array.from(indices, (i) => captions[i]) }),
  };
}

/** Sets of the same modalities, one below the other. */
export function concatenate(sets: readonly LabelledSet[]): LabelledSet {
  const images = sets.flatMap((set) => (set.images ? [set.images] : []));
  const captions = sets.flatMap((set) => set.captions ?? []);
  return {
    size: sets.reduce((sum, set) => sum + set.size, 0),
    labels: Int32Array.from(sets.flatMap((set) => [...set.labels])),
    ...(images.length > 0 && { images: concatenateRows(images) }),
    ...(captions.length > 0 && { captions }),
  };
}
