import { messageOf } from "@tandem/core/errors";
import { formatBytes } from "@tandem/core/format";
import type { PictureFormat } from "@tandem/core/task";
import { sha256Hex } from "@tandem/protocol/sha256";
import { bytesOf, endingOf, type SourceFile } from "../files/source-file";
import type { LeftOut, LeftOutCode, Note, Picture } from "../intake";
import { limits } from "../limits";
import type { PictureDecoder } from "./decoder";
import { fitPicture, oversampling } from "./fit-picture";
import { headerOf, type PictureHeader } from "./header";
import { isPictureKind, kindOf, type OtherKind, type PictureKind } from "./kind";

export type PictureRead =
  | {
      readonly picture: Picture;
      readonly note?: Note;
      /** (side, side, 3), where another size is wanted too. */
      readonly atSide?: Uint8Array;
    }
  | { readonly leftOut: LeftOut };

/** One picture of a file, or why there is none. Whatever can be seen is seen before it is decoded. */
export async function readPicture(
  file: SourceFile,
  format: PictureFormat,
  decoder: PictureDecoder,
  /** Of a second size, pixels. */
  side = 0,
): Promise<PictureRead> {
  const { path, size } = file;
  const leftOut = (code: LeftOutCode, sentence: string) => ({ leftOut: { path, code, sentence } });
  if (size === 0) return leftOut("empty", "It has no bytes: copy it again.");
  if (size > limits.pictureBytes)
    return leftOut(
      "too-large",
      `It has ${formatBytes(size)}, at most ${formatBytes(limits.pictureBytes)}: save it smaller.`,
    );
  const { start, all } = await bytesOf(file, (bytes) => !decoder.kinds.some(isKindOf(bytes)));
  const kind = kindOf(start);
  if (!all || !isPictureKind(kind)) return leftOut(...refusedKind(kind, path));
  const header = headerOf(kind, all);
  const fault = faultOf(kind, header);
  if (fault || !header) return leftOut(...(fault ?? unreadable(kind)));
  const { background } = format;
  const longest = Math.max(oversampling * format.size, side);
  const pixels = header.width * header.height;
  try {
    const raster = await decoder.decode(all, { kind, background, longest, pixels });
    const fitted = fitPicture(raster, format);
    const sentence = "It moves: its first frame is taken.";
    return {
      picture: { path, pixels: fitted, hash: await sha256Hex(fitted) },
      ...(side > 0 && { atSide: fitPicture(raster, { ...format, size: side }) }),
      ...(header.animated && { note: { path, sentence } }),
    };
  } catch (error) {
    if (kind === "heic") return leftOut(...refusedKind(kind, path));
    return leftOut(
      "undecodable",
      `It cannot be decoded (${messageOf(error)}): open it elsewhere and save it as PNG or JPEG.`,
    );
  }
}

const isKindOf = (start: Uint8Array) => (kind: PictureKind) => kind === kindOf(start);

function faultOf(
  kind: PictureKind,
  header: PictureHeader | undefined,
): readonly [LeftOutCode, string] | undefined {
  if (!header) return unreadable(kind);
  const { width, height, complete } = header;
  const sides = `${width} x ${height} pixels`;
  if (width * height > limits.pixels)
    return ["too-large", `It has ${sides}, at most ${limits.pixels / 1e6} million: scale it down.`];
  if (!complete) return ["truncated", "It is cut off: copy or download it again."];
  if (!(Math.min(width, height) >= limits.leastSide))
    return ["too-small", `It has ${sides}, and ${limits.leastSide} a side is the least.`];
  return undefined;
}

const unreadable = (kind: PictureKind) =>
  ["truncated", `It begins as ${kind.toUpperCase()} and then breaks off: copy it again.`] as const;

const others: Readonly<Record<OtherKind, readonly [LeftOutCode, string]>> = {
  zip: ["nested-zip", "It is a zip where a picture was expected: unpack it, and bring the folder."],
  archive: [
    "kind",
    "It is packed as is not read here: unpack it, and bring the folder or a zip of it.",
  ],
  office: [
    "kind",
    "It is an office document: save its pictures as PNG, or its table as CSV UTF-8.",
  ],
  pdf: ["kind", "It is a PDF: save its pictures as PNG or JPEG."],
  tiff: ["kind", "It is a TIFF, which browsers do not read: save it as PNG or JPEG."],
  svg: ["kind", "It is an SVG drawing: export it as PNG."],
  jxl: ["kind", "It is JPEG XL: save it as PNG or JPEG."],
  psd: ["kind", "It is a Photoshop file: export it as PNG or JPEG."],
  video: ["kind", "It is a video: save single pictures of it as PNG or JPEG."],
};

/** What is told by its name alone. */
const byEnding: ReadonlyMap<string, readonly [LeftOutCode, string]> = new Map([
  ["zip", ["corrupt", "It does not begin as a zip does: download it again, or pack it anew."]],
  ["json", ["kind", "It is JSON: write one object a line, and name it .jsonl."]],
  ["svg", others.svg],
]);

function refusedKind(
  kind: PictureKind | OtherKind | undefined,
  path: string,
): readonly [LeftOutCode, string] {
  if (kind === "heic")
    return [
      "kind",
      'It is HEIC, which this browser does not read: save it as JPEG (on an iPhone: Settings, Camera, Formats, "Most Compatible").',
    ];
  if (isPictureKind(kind))
    return ["kind", `It is ${kind.toUpperCase()}, which is not read here: save it as PNG or JPEG.`];
  if (kind) return others[kind];
  const ending = endingOf(path);
  const named = byEnding.get(ending);
  if (named) return named;
  const whatever = ending ? `, whatever ".${ending}" says` : "";
  return ["kind", `It is no picture${whatever}: PNG, JPEG, WebP, GIF, BMP and AVIF are read.`];
}
