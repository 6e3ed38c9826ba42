import { readFile, stat } from "node:fs/promises";
import { TandemError } from "@tandem/core/errors";

/** Of captions, lists of prompts, metadata: whatever people bring. */
export const maxTextBytes = 64 * 2 ** 20;

/**
 * The text of a file of at most `maxBytes`, as `decodeText` reads it. Throws `not-found` or
 * `too-large` with its path.
 */
export async function readTextFile(path: string, maxBytes = maxTextBytes): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile()) throw new TandemError("not-found", `there is no file ${path}`);
  if (found.size > maxBytes)
    throw new TandemError("too-large", `${path} has ${found.size} bytes, at most ${maxBytes}`);
  return decodeText(await readFile(path), path);
}

/** As text files of every system end their lines. */
export const linesOf = (text: string): readonly string[] => text.split(/\r\n|\n|\r/);

/** Half a surrogate pair: it stands for what cannot be decoded. */
const broken = "\ud800";

/**
 * UTF-8, or UTF-16 that begins with its byte order mark; the mark is left out. Throws `bad-data` with
 * the source and the line of what is no text: other bytes, NUL, half a surrogate pair.
 */
export function decodeText(bytes: Uint8Array, source: string): string {
  const text = decoded(bytes);
  const at = text.search(/[\0\p{Surrogate}]/u);
  if (at < 0) return text;
  const where = `${source}, line ${linesOf(text.slice(0, at)).length}`;
  throw new TandemError("bad-data", `${where}: not text in UTF-8 or UTF-16: save it as UTF-8`);
}

function decoded(bytes: Uint8Array): string {
  const [first, second, third] = bytes;
  if (first === 0xff && second === 0xfe) return utf16(bytes.subarray(2), 0);
  if (first === 0xfe && second === 0xff) return utf16(bytes.subarray(2), 1);
  const hasMark = first === 0xef && second === 0xbb && third === 0xbf;
  const content = Buffer.from(hasMark ? bytes.subarray(3) : bytes);
  const text = content.toString("utf8");
  const again = Buffer.from(text);
  if (again.equals(content)) return text;
  const wrong = content.findIndex((byte, i) => byte !== again[i]);
  return content.subarray(0, wrong < 0 ? content.length : wrong).toString("utf8") + broken;
}

/** `low` is the place of the lower byte in each unit. */
function utf16(bytes: Uint8Array, low: 0 | 1): string {
  const units = Uint16Array.from(
    { length: bytes.length >> 1 },
    (_, i) => bytes[2 * i + low] | (bytes[2 * i + 1 - low] << 8),
  );
  const text = Buffer.from(units.buffer).toString("utf16le");
  return bytes.length % 2 === 0 ? text : text + broken;
}
