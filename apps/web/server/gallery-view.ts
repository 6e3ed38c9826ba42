import type { RoundGallery } from "@tandem/coordinator/artefacts";
import type { ExperimentId } from "@tandem/core/ids";
import { sheetColumns } from "@tandem/protocol/sheet";
import type { GalleryView } from "@tandem/protocol/view";

export function galleryView(
  { gallery, images, lessons, classes }: RoundGallery,
  { id, round }: { readonly id: ExperimentId; readonly round: number },
): GalleryView {
  const [count, height] = images.shape;
  const path = `/api/experiments/${id}/rounds/${round}`;
  return {
    round,
    classes,
    imageSize: height,
    columns: sheetColumns(count),
    sheet: `${path}/sheet.png`,
    items: gallery.items,
    ...(gallery.lessons &&
      lessons && {
        lessons: {
          prompts: gallery.lessons.prompts,
          rounds: gallery.lessons.rounds,
          columns: sheetColumns(lessons.shape[0]),
          // The address tells what a round has added at its end.
          sheet: `${path}/lessons.png?after=${gallery.lessons.rounds.at(-1)}`,
        },
      }),
  };
}
