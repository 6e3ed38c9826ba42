import { partSize, type RoundGallery } from "@tandem/coordinator/artefacts";
import type { ExperimentId } from "@tandem/core/ids";
import type { GalleryView } from "@tandem/protocol/live-view";
import { sheetColumns } from "@tandem/protocol/sheet";

/** Addresses name what they show, so that a browser asks for each once. */
export function galleryView(
  { gallery, pictures, shape, lessonsShape, classes }: RoundGallery,
  { id, round }: { readonly id: ExperimentId; readonly round: number },
): GalleryView {
  const [count, height] = shape;
  const path = `/api/experiments/${id}/rounds/${round}`;
  const sheet = `${path}/sheet.png?pictures=${pictures}`;
  return {
    ...{ round, classes, pictures, partSize, imageSize: height },
    columns: sheetColumns(count),
    sheet,
    parts: Array.from({ length: Math.ceil(count / partSize) }, (_, part) => {
      const own = Math.min(partSize, count - part * partSize);
      return { sheet: `${sheet}&part=${part}`, columns: sheetColumns(own), count: own };
    }),
    items: gallery.items,
    ...(gallery.lessons &&
      lessonsShape && {
        lessons: {
          prompts: gallery.lessons.prompts,
          rounds: gallery.lessons.rounds,
          columns: sheetColumns(lessonsShape[0]),
          rowColumns: sheetColumns(gallery.lessons.prompts.length),
          sheet: `${path}/lessons.png?pictures=${pictures}`,
        },
      }),
  };
}
