import { TandemError } from "@tandem/core/errors";
import type { JsonObject } from "@tandem/core/json";

const maxDepth = 64;

/**
 * JSON as Python writes it: diffusers saves `-Infinity` in scheduler configs, which JSON.parse
 * refuses, and other tools put a byte order mark first. NaN becomes null. Throws `bad-data` with
 * the name of the source.
 */
export function parsePythonJson(marked: string, source: string): unknown {
  const text = marked.replace(/^\ufeff/, "");
  let [depth, inside] = [0, false];
  const pieces: string[] = [];
  let from = 0;
  const replace = (at: number, word: string, by: string) => {
    pieces.push(text.slice(from, at), by);
    from = at + word.length;
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (inside) {
      if (character === "\\") at++;
      else if (character === '"') inside = false;
    } else if (character === '"') inside = true;
    else if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") depth--;
    else if (character === "I" && text.startsWith("Infinity", at)) replace(at, "Infinity", "1e999");
    else if (character === "N" && text.startsWith("NaN", at)) replace(at, "NaN", "null");
    if (depth > maxDepth) throw new TandemError("bad-data", `${source}: nested too deeply`);
  }
  try {
    return JSON.parse(pieces.join("") + text.slice(from));
  } catch (cause) {
    throw new TandemError("bad-data", `${source} is not JSON`, { cause });
  }
}

/** The same, of an object alone. */
export function parseJsonObject(text: string, source: string): JsonObject {
  const value = parsePythonJson(text, source);
  if (isObject(value)) return value;
  throw new TandemError("bad-data", `${source} is not a JSON object`);
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
