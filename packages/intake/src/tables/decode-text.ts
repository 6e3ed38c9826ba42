import { TandemError } from "@tandem/core/errors";
import type { SourceFile } from "../files/source-file";

export type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";

/** By the byte order mark, else by where zeros are; other bytes may still turn out to be no UTF-8. */
export function encodingOf(start: Uint8Array): Encoding {
  if (start[0] === 0xff && start[1] === 0xfe) return "utf-16le";
  if (start[0] === 0xfe && start[1] === 0xff) return "utf-16be";
  const sample = start.subarray(0, 1024);
  const zeros = [0, 0];
  for (const [i, byte] of sample.entries()) if (byte === 0) zeros[i % 2]++;
  const most = 0.2 * sample.length;
  if (zeros[1] > most && zeros[0] === 0) return "utf-16le";
  return zeros[0] > most && zeros[1] === 0 ? "utf-16be" : "utf-8";
}

/** What is read as UTF-8 and is not: it has to be read again, as windows-1252. */
export const notUtf8 = new TandemError("bad-data", "it is no text in UTF-8: save it as UTF-8");

/** The file's text in pieces, each line ended by "\n". Throws `notUtf8`. */
export async function* textOf(file: SourceFile, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: encoding === "utf-8" });
  let held = "";
  const decoded = (chunk?: Uint8Array) => {
    try {
      return chunk ? decoder.decode(chunk, { stream: true }) : decoder.decode();
    } catch (cause) {
      throw cause instanceof TypeError ? notUtf8 : cause;
    }
  };
  const lines = (text: string) => text.replace(/\r\n?/g, "\n");
  for await (const chunk of file.chunks()) {
    const text = held + decoded(chunk);
    held = text.endsWith("\r") ? "\r" : "";
    yield lines(held ? text.slice(0, -1) : text);
  }
  yield lines(held + decoded());
}
