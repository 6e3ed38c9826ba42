import type { ExperimentId } from "@tandem/core/ids";
import type { Gallery } from "@tandem/core/strategy";
import type { TensorOf } from "@tandem/core/tensor";
import { sheetColumns } from "@tandem/protocol/sheet";
import type { GalleryView } from "@tandem/protocol/view";

type Pictures = {
  readonly gallery: Gallery;
  /** (N, h, w, 3). */
  readonly images: TensorOf<"u8">;
  readonly classes: readonly string[];
};

export function galleryView(
  { gallery, images, classes }: Pictures,
  { id, round }: { readonly id: ExperimentId; readonly round: number },
): GalleryView {
  const [count, height] = images.shape;
  return {
    round,
    classes,
    imageSize: height,
    columns: sheetColumns(count),
    sheet: `/api/experiments/${id}/rounds/${round}/sheet.png`,
    items: gallery.items,
  };
}
