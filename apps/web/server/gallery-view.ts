import { partSize, type RoundGallery } from "@tandem/coordinator/artefacts";
import type { ExperimentId } from "@tandem/core/ids";
import { sheetColumns } from "@tandem/protocol/sheet";
import type { GalleryView } from "@tandem/protocol/view";

/** Addresses name what they show, so that a browser asks for each once. */
export function galleryView(
  { gallery, pictures, shape, lessonsShape, classes }: RoundGallery,
  { id, round }: { readonly id: ExperimentId; readonly round: number },
): GalleryView {
  const [count, height] = shape;
  const path = `/api/experiments/${id}/rounds/${round}`;
  return {
    ...{ round, classes, pictures, partSize, imageSize: height },
    columns: sheetColumns(count),
    sheet: `${path}/sheet.png?pictures=${pictures}`,
    items: gallery.items,
    ...(gallery.lessons &&
      lessonsShape && {
        lessons: {
          prompts: gallery.lessons.prompts,
          rounds: gallery.lessons.rounds,
          columns: sheetColumns(lessonsShape[0]),
          sheet: `${path}/lessons.png?pictures=${pictures}`,
        },
      }),
  };
}
