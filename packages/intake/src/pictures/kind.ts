/** Kinds that may be decoded, by whoever can. */
export const pictureKinds = ["png", "jpeg", "gif", "webp", "bmp", "avif", "heic"] as const;
export type PictureKind = (typeof pictureKinds)[number];
/** Kinds that are told by name when they are refused. */
export type OtherKind =
  | "zip"
  | "pdf"
  | "tiff"
  | "svg"
  | "jxl"
  | "psd"
  | "video"
  | "archive"
  | "office";

const ascii = (bytes: Uint8Array, from: number, to: number) =>
  String.fromCharCode(...bytes.subarray(from, to));

const magic: readonly (readonly [PictureKind | OtherKind, number, string])[] = [
  ["png", 0, "\x89PNG\r\n\x1a\n"],
  ["jpeg", 0, "\xff\xd8\xff"],
  ["gif", 0, "GIF87a"],
  ["gif", 0, "GIF89a"],
  ["webp", 8, "WEBP"],
  ["video", 8, "AVI "],
  ["bmp", 0, "BM"],
  ["zip", 0, "PK\x03\x04"],
  ["zip", 0, "PK\x05\x06"],
  ["pdf", 0, "%PDF-"],
  ["tiff", 0, "II*\0"],
  ["tiff", 0, "MM\0*"],
  ["psd", 0, "8BPS"],
  ["jxl", 0, "\xff\x0a"],
  ["jxl", 4, "JXL "],
  ["video", 0, "\x1aE\xdf\xa3"],
  ["archive", 0, "\x1f\x8b"],
  ["archive", 0, "Rar!"],
  ["archive", 0, "7z\xbc\xaf"],
  ["archive", 0, "\xfd7zXZ"],
  ["archive", 0, "BZh"],
  ["archive", 257, "ustar"],
  ["office", 0, "\xd0\xcf\x11\xe0"],
];
const heicBrands = ["heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1"];

/** What a file is by its first bytes, whatever its name says. */
export function kindOf(start: Uint8Array): PictureKind | OtherKind | undefined {
  const found = magic.find(([, at, text]) => ascii(start, at, at + text.length) === text);
  if (found) return found[0];
  if (ascii(start, 4, 8) === "ftyp") return brandOf(start);
  return /^\s*(<\?xml[^>]*>\s*|<!--[\s\S]*?-->\s*|<!DOCTYPE[^>]*>\s*)*<svg[\s/>]/i.test(
    ascii(start, 0, 1024).replace(/^\xef\xbb\xbf/, ""),
  )
    ? "svg"
    : undefined;
}

function brandOf(start: Uint8Array): PictureKind | OtherKind {
  const length = new DataView(start.buffer, start.byteOffset).getUint32(0);
  const brands = [ascii(start, 8, 12)];
  for (let at = 16; at + 4 <= Math.min(length, start.length, 256); at += 4)
    brands.push(ascii(start, at, at + 4));
  if (brands.includes("avif") || brands.includes("avis")) return "avif";
  return heicBrands.includes(brands[0]) ? "heic" : "video";
}

export const isPictureKind = (kind: string | undefined): kind is PictureKind =>
  pictureKinds.some((known) => known === kind);
