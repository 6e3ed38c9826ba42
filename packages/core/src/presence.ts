import { type LabelledSet, type Modality, modalities, type Presence, subset } from "./data";
import { sizeOf, type TensorOf } from "./tensor";

/** Whether a sample has the modality. */
export const isPresent = (
  { images, captions, present }: LabelledSet,
  modality: Modality,
  row: number,
): boolean =>
  (modality === "image" ? images : captions) !== undefined && present?.[modality]?.[row] !== 0;

/** Rows that have the modality, in order. */
export const rowsWith = (set: LabelledSet, modality: Modality): Int32Array =>
  Int32Array.from(set.labels.keys()).filter((row) => isPresent(set, modality, row));

/** The same samples, each without the modalities that its mask has a 0 for. */
export function withoutMasked(set: LabelledSet, masks: Presence): LabelledSet {
  const present: Partial<Record<Modality, Uint8Array>> = {};
  for (const modality of modalities) {
    const mask = set.labels.map((_, row) =>
      Number(isPresent(set, modality, row) && masks[modality]?.[row] !== 0),
    );
    const isHeld = (modality === "image" ? set.images : set.captions) !== undefined;
    if (isHeld && mask.includes(0)) present[modality] = Uint8Array.from(mask);
  }
  const { images, features, captions, present: _, ...rest } = set;
  const { image, text } = present;
  return {
    ...rest,
    ...(images && { images: image ? blanked(images, image) : images }),
    ...(features && { features: image ? blanked(features, image) : features }),
    ...(captions && { captions: captions.map((own, row) => (text?.[row] === 0 ? "" : own)) }),
    ...((image || text) && { present }),
  };
}

function blanked<T extends TensorOf<"u8"> | TensorOf<"f32">>(tensor: T, mask: Uint8Array): T {
  const stride = sizeOf(tensor.shape.slice(1));
  const data = tensor.data.slice();
  mask.forEach((has, row) => {
    if (!has) data.fill(0, row * stride, (row + 1) * stride);
  });
  return { ...tensor, data };
}

/** The samples that have any of these modalities, in these alone. */
export function onlyModalities(set: LabelledSet, kept: readonly Modality[]): LabelledSet {
  const { size, labels, images, features, captions, present, captionsFrom, parts } = set;
  const masks = kept.flatMap((modality) => {
    const mask = present?.[modality];
    return mask ? [[modality, mask] as const] : [];
  });
  const own: LabelledSet = {
    size,
    labels,
    ...(kept.includes("image") && images && { images }),
    ...(kept.includes("image") && features && { features }),
    ...(kept.includes("text") && captions && { captions }),
    ...(masks.length > 0 && { present: Object.fromEntries(masks) }),
    ...(kept.includes("text") && captionsFrom !== undefined && { captionsFrom }),
    ...(parts && { parts }),
  };
  const rows = Int32Array.from(labels.keys()).filter((row) =>
    kept.some((modality) => isPresent(own, modality, row)),
  );
  // Of what is left, a mask without a 0 says nothing.
  return rows.length === size ? own : withoutMasked(subset(own, rows), {});
}

/** The samples that have all of these modalities. */
export function wholeIn(set: LabelledSet, wanted: readonly Modality[]): LabelledSet {
  const rows = Int32Array.from(set.labels.keys()).filter((row) =>
    wanted.every((modality) => isPresent(set, modality, row)),
  );
  return rows.length === set.size ? set : withoutMasked(subset(set, rows), {});
}

/** What the party has of its samples in a round: before its captions come, pictures alone. */
export function heldInRound(set: LabelledSet, round: number): LabelledSet {
  const { captionsFrom = 0, ...always } = set;
  if (round >= captionsFrom) return always;
  const seen = subset(always, rowsWith(always, "image"));
  return withoutMasked(seen, { text: new Uint8Array(seen.size) });
}
