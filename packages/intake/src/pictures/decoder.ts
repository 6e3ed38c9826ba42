import type { PictureKind } from "./kind";

/** (height, width, 3) bytes in sRGB. */
export type Raster = { readonly width: number; readonly height: number; readonly data: Uint8Array };

export type DecodeOptions = {
  readonly kind: PictureKind;
  /** 0-255, behind what is transparent. */
  readonly background: number;
  /** Pixels of the longest side that are enough; up to twice as many may come, or what there is. */
  readonly longest: number;
  /** That the picture has, by its header. */
  readonly pixels: number;
};

/** Whatever can decode pictures where this runs. */
export interface PictureDecoder {
  /** Kinds that it can try; that it fails for one of them says that the file is at fault, or its kind. */
  readonly kinds: readonly PictureKind[];
  /**
   * The first frame, turned as EXIF says, over the background, scaled down without aliasing. Rejects
   * for what it cannot decode.
   */
  decode(file: Uint8Array, options: DecodeOptions): Promise<Raster>;
}

/** Of pictures with more pixels, which take hundreds of megabytes, one is decoded at a time. */
const largePixels = 25e6;

export function largeInTurn(decoder: PictureDecoder): PictureDecoder {
  let last: Promise<unknown> = Promise.resolve();
  return {
    kinds: decoder.kinds,
    decode(file, options) {
      if (options.pixels <= largePixels) return decoder.decode(file, options);
      const own = last.then(() => decoder.decode(file, options));
      last = own.catch(() => undefined);
      return own;
    },
  };
}
