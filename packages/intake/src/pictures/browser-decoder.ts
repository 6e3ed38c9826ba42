import { type PictureDecoder, within } from "./decoder";
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

/** Halves until the last step, so that every pixel counts: one large step would skip most of them. */
function reduced(picture: ImageBitmap, background: number, longest: number) {
  const last = within(picture.width, picture.height, longest);
  let source: ImageBitmap | OffscreenCanvas = picture;
  do {
    const width = Math.max(last.width, Math.ceil(source.width / 2));
    const height = Math.max(last.height, Math.ceil(source.height / 2));
    const canvas: OffscreenCanvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    if (!context) throw new Error(`no canvas of ${width} x ${height} pixels`);
    context.fillStyle = `rgb(${background} ${background} ${background})`;
    context.fillRect(0, 0, width, height);
    context.imageSmoothingQuality = "high";
    context.drawImage(source, 0, 0, width, height);
    release(source);
    source = canvas;
  } while (source.width > last.width || source.height > last.height);
  const { width, height } = source;
  const rgba = source.getContext("2d")?.getImageData(0, 0, width, height).data ?? [];
  release(source);
  const data = new Uint8Array(3 * width * height);
  for (let pixel = 0; pixel < width * height; pixel++)
    for (let channel = 0; channel < 3; channel++)
      data[3 * pixel + channel] = rgba[4 * pixel + channel];
  return { width, height, data };
}

/** A canvas without pixels holds no memory until it is collected. */
function release(source: ImageBitmap | OffscreenCanvas) {
  if (source instanceof OffscreenCanvas) source.width = 0;
  else source.close();
}
