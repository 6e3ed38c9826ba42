import type { PictureDecoder } from "./decoder";
import { pictureKinds } from "./kind";

/** Decodes as the browser does, in a worker or a page. */
export const browserDecoder: PictureDecoder = {
  kinds: pictureKinds,
  async decode(file, { kind, background, longest }) {
    const blob = new Blob([file as Uint8Array<ArrayBuffer>], { type: `image/${kind}` });
    const picture = await createImageBitmap(blob);
    try {
      return reduced(picture, background, longest);
    } finally {
      picture.close();
    }
  },
};

/**
 * Halves while there is twice as much as is wanted: of exactly two pixels by two, the browser's linear
 * smoothing takes the mean, and by any other factor it skips some. An odd last row or column is cut.
 */
function reduced(picture: ImageBitmap, background: number, longest: number) {
  const isLarge = ({ width, height }: ImageBitmap | OffscreenCanvas) =>
    Math.max(width, height) >= 2 * longest && Math.min(width, height) > 1;
  let canvas = drawn(picture, background, isLarge(picture) ? 2 : 1);
  while (isLarge(canvas)) {
    const half = drawn(canvas, background, 2);
    canvas.width = 0; // frees its memory before it is collected
    canvas = half;
  }
  const { width, height } = canvas;
  const rgba = contextOf(canvas).getImageData(0, 0, width, height).data;
  canvas.width = 0;
  const data = new Uint8Array(3 * width * height);
  for (let pixel = 0; pixel < width * height; pixel++)
    for (let channel = 0; channel < 3; channel++)
      data[3 * pixel + channel] = rgba[4 * pixel + channel];
  return { width, height, data };
}

function drawn(source: ImageBitmap | OffscreenCanvas, background: number, factor: 1 | 2) {
  const [width, height] = [source.width, source.height].map((side) => Math.floor(side / factor));
  const canvas = new OffscreenCanvas(width, height);
  const context = contextOf(canvas);
  context.fillStyle = `rgb(${background} ${background} ${background})`;
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = "low";
  context.drawImage(source, 0, 0, width * factor, height * factor, 0, 0, width, height);
  return canvas;
}

function contextOf(canvas: OffscreenCanvas): OffscreenCanvasRenderingContext2D {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error(`no canvas of ${canvas.width} x ${canvas.height} pixels`);
  return context;
}
