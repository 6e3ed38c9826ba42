import { TandemError } from "@tandem/core/errors";
import { concatenated } from "@tandem/core/tensor";
import type { LeftOut } from "../intake";
import { limits } from "../limits";

/** A file to read, wherever it lies. */
export type SourceFile = {
  /** With "/" between folders. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Its bytes in order, in pieces of their own; a reader may stop after any. */
  chunks(): AsyncIterable<Uint8Array>;
  /** Bytes `from` to `to`; absent where that would mean to read all before them. */
  slice?(from: number, to: number): Promise<Uint8Array>;
};

/** A file of which any part can be read. */
export type SlicedFile = Required<SourceFile>;

const firstChunk = 2 ** 16;
const largestChunk = 2 ** 22;

/** A file by how to read its bytes `from` to `to`. */
export const slicedFile = (
  path: string,
  size: number,
  slice: (from: number, to: number) => Promise<Uint8Array>,
): SlicedFile => ({ path, size, slice, chunks: () => chunksOf(slice, 0, size) });

/** Bytes `from` to `to`: a small piece for those who need the beginning alone, then larger ones. */
export async function* chunksOf(
  slice: (from: number, to: number) => Promise<Uint8Array>,
  from: number,
  to: number,
  largest = largestChunk,
): AsyncGenerator<Uint8Array> {
  let length = Math.min(firstChunk, largest);
  for (let at = from; at < to; length = Math.min(4 * length, largest)) {
    const chunk = await slice(at, Math.min(to, at + length));
    if (chunk.length === 0)
      throw new TandemError("corrupt", `the file ends after ${at} of ${to} bytes: read it again`);
    yield chunk;
    at += chunk.length;
  }
}

/** All bytes, or none where `refuse` says after the first piece that they are of no use. */
export async function bytesOf(
  file: SourceFile,
  refuse: (start: Uint8Array) => boolean = () => false,
): Promise<{ readonly start: Uint8Array; readonly all?: Uint8Array }> {
  const parts: Uint8Array[] = [];
  for await (const chunk of file.chunks()) {
    if (parts.length === 0 && refuse(chunk)) return { start: chunk };
    parts.push(chunk);
  }
  const all = parts.length === 1 ? parts[0] : concatenated(Uint8Array, parts);
  return { start: parts[0] ?? all, all };
}

const systemFiles = /^(\..*|__MACOSX|Thumbs\.db|ehthumbs\.db|desktop\.ini|Icon\r|\$RECYCLE\.BIN)$/i;

/** Files that systems make for themselves, in folders of theirs or not. */
export const isHidden = (path: string): boolean =>
  path.split(/[\\/]/).some((part) => systemFiles.test(part) && part !== "." && part !== "..");

/** The path with "/" and composed letters, or why it is none that a folder can have. */
export function cleanPath(path: string): string | LeftOut {
  const clean = path
    .normalize("NFC")
    .replaceAll("\\", "/")
    .replace(/^(\.\/)+/, "");
  const shown = clean.replace(/[\p{Cc}\p{Surrogate}]/gu, "�").slice(0, 200);
  const bad = (sentence: string): LeftOut => ({ path: shown, code: "bad-path", sentence });
  if (clean.length > limits.path)
    return bad(`Its path has ${clean.length} characters, at most ${limits.path}: shorten it.`);
  const parts = clean.split("/");
  if (clean.startsWith("/") || /^[a-z]:/i.test(clean) || parts.includes(".."))
    return bad("Its path leads out of the folder: pack the files again.");
  if (shown !== clean || parts.some((part) => part === "" || part === "."))
    return bad("Its path is none that a folder can have: rename the file.");
  return clean;
}

const lastSlash = (path: string) => path.lastIndexOf("/");
/** The path without its last part; of a file at the top, "". */
export const folderOf = (path: string): string => path.slice(0, Math.max(0, lastSlash(path)));
export const nameOf = (path: string): string => path.slice(lastSlash(path) + 1);
/** The path without its file's ending. */
export const stemOf = (path: string): string => path.replace(/\.[^./]*$/, "");
/** Lower case, without the dot. */
export const endingOf = (path: string): string => /\.([^./]*)$/.exec(path)?.[1].toLowerCase() ?? "";
