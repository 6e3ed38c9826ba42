import type { PictureKind } from "./kind";

/** What a picture's file says of it before it is decoded; pixels before any turn by EXIF. */
export type PictureHeader = {
  readonly width: number;
  readonly height: number;
  /** More than one frame. */
  readonly animated: boolean;
  /** The file goes as far as its kind says it does. */
  readonly complete: boolean;
};

type Read = (bytes: Uint8Array, view: DataView) => PictureHeader | undefined;

/**
 * Reads sizes and the end of a whole file of the kind; undefined where it does not even have a size.
 * Never throws.
 */
export function headerOf(kind: PictureKind, bytes: Uint8Array): PictureHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  try {
    return readers[kind](bytes, view);
  } catch (error) {
    if (error instanceof RangeError) return undefined; // the file ends within a number
    throw error;
  }
}

const textAt = (bytes: Uint8Array, at: number) =>
  String.fromCharCode(...bytes.subarray(at, at + 4));

/** PNG specification, 5: a length, a name, the data and a checksum. */
const readPng: Read = (bytes, view) => {
  let animated = false;
  let complete = false;
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    const name = textAt(bytes, at + 4);
    if (name === "acTL") animated = view.getUint32(at + 8) > 1;
    if (name === "IEND") complete = true;
  }
  return { width: view.getUint32(16), height: view.getUint32(20), animated, complete };
};

/** ITU T.81, annex B: markers with lengths, and entropy-coded data in which FF is followed by 0. */
const readJpeg: Read = (bytes, view) => {
  let size: { width: number; height: number } | undefined;
  let complete = false;
  for (let at = 2; at + 1 < bytes.length; ) {
    at = bytes.indexOf(0xff, at);
    if (at < 0) break;
    const marker = bytes[at + 1];
    if (marker === 0xd9 && size) {
      complete = true;
      break;
    }
    const hasLength = marker >= 0xc0 && marker !== 0xff && !(marker >= 0xd0 && marker <= 0xd8);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) size ??= { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    if (hasLength) at += 2 + view.getUint16(at + 2);
    else at += marker === 0xff ? 1 : 2;
  }
  return size && { ...size, animated: false, complete };
};

/** GIF89a, 18 to 24: blocks of parts that have a length each and end with an empty one. */
const readGif: Read = (bytes, view) => {
  const tableOf = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  let frames = 0;
  const afterParts = (from: number) => {
    let at = from;
    while (bytes[at] > 0) at += bytes[at] + 1;
    return at + 1;
  };
  let at = 13 + tableOf(bytes[10]);
  while (at < bytes.length && frames < 2) {
    if (bytes[at] === 0x21) at = afterParts(at + 2);
    else if (bytes[at] === 0x2c) {
      const end = afterParts(at + 11 + tableOf(bytes[at + 9]));
      if (end <= bytes.length) frames++;
      at = end;
    } else break;
  }
  return {
    width: view.getUint16(6, true),
    height: view.getUint16(8, true),
    animated: frames > 1,
    complete: frames > 0,
  };
};

/** RFC 9649: the length in the RIFF header, the size in the first chunk. */
const readWebp: Read = (bytes, view) => {
  const complete = bytes.length >= 8 + view.getUint32(4, true);
  const three = (at: number) => 1 + view.getUint16(at, true) + 2 ** 16 * bytes[at + 2];
  const name = textAt(bytes, 12);
  if (name === "VP8X")
    return { width: three(24), height: three(27), animated: (bytes[20] & 2) !== 0, complete };
  if (name === "VP8L") {
    const bits = view.getUint32(21, true);
    const width = 1 + (bits & 0x3fff);
    return { width, height: 1 + ((bits >>> 14) & 0x3fff), animated: false, complete };
  }
  if (name !== "VP8 ") return undefined;
  const side = (at: number) => view.getUint16(at, true) & 0x3fff;
  return { width: side(26), height: side(28), animated: false, complete };
};

/** Windows bitmaps: where the pixels begin, and rows of whole 4 bytes; packed ones are as they are. */
const readBmp: Read = (bytes, view) => {
  const isOld = view.getUint32(14, true) === 12;
  const width = isOld ? view.getUint16(18, true) : view.getInt32(18, true);
  const height = isOld ? view.getUint16(20, true) : Math.abs(view.getInt32(22, true));
  const bits = view.getUint16(isOld ? 24 : 28, true);
  const isPacked = !isOld && ![0, 3, 6].includes(view.getUint32(30, true));
  const pixels = isPacked ? 1 : 4 * Math.ceil((width * bits) / 32) * height;
  const complete = bytes.length >= view.getUint32(10, true) + pixels;
  return { width, height, animated: false, complete };
};

/** ISO 14496-12: boxes. Of the sizes that "ispe" gives, the largest is the picture's. */
const readBoxes: Read = (bytes, view) => {
  let at = 0;
  let size = { width: 0, height: 0 };
  let animated = false;
  while (at + 8 <= bytes.length) {
    const name = textAt(bytes, at + 4);
    const short = view.getUint32(at);
    const length = short === 1 ? Number(view.getBigUint64(at + 8)) : short || bytes.length - at;
    if (length < 8) return undefined;
    if (name === "ftyp") animated = ["avis", "msf1", "hevc"].includes(textAt(bytes, at + 8));
    if (name === "meta") size = largestIn(bytes.subarray(at, at + length), size);
    at += length;
  }
  return size.width > 0 ? { ...size, animated, complete: at === bytes.length } : undefined;
};

function largestIn(meta: Uint8Array, none: { width: number; height: number }) {
  const view = new DataView(meta.buffer, meta.byteOffset, meta.length);
  let size = none;
  for (let at = meta.indexOf(0x69); at >= 0; at = meta.indexOf(0x69, at + 1)) {
    if (textAt(meta, at) !== "ispe" || at + 16 > meta.length) continue;
    const [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)];
    if (width * height > size.width * size.height) size = { width, height };
  }
  return size;
}

const readers: Readonly<Record<PictureKind, Read>> = {
  png: readPng,
  jpeg: readJpeg,
  gif: readGif,
  webp: readWebp,
  bmp: readBmp,
  avif: readBoxes,
  heic: readBoxes,
};
