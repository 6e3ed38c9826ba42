import type { TandemError } from "@tandem/core/errors";

export type Cursor = ReturnType<typeof createCursor>;

const maxDepth = 127; // as serde_json
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/** Walks over the few forms of JSON that a header has; what is odd is thrown as `bad` tells it. */
export function createCursor(text: string, bad: (what: string) => TandemError) {
  let at = 0;
  const odd = () => bad(`header: unexpected ${JSON.stringify(text.slice(at, at + 8))} at ${at}`);
  const space = () => {
    while (" \n\r\t".includes(text[at] ?? "x")) at++;
  };
  const take = (character: string): boolean => {
    space();
    if (text[at] !== character) return false;
    at++;
    return true;
  };
  const need = (character: string) => {
    if (!take(character)) throw odd();
  };

  function string(): string {
    need('"');
    const from = at;
    let escaped = false;
    for (; text[at] !== '"'; at++) {
      if (at >= text.length || text.charCodeAt(at) < 0x20) throw odd();
      if (text[at] === "\\") {
        escaped = true;
        at++;
      }
    }
    const raw = text.slice(from, at++);
    if (!escaped) return raw;
    let value = "\ud800";
    try {
      value = JSON.parse(`"${raw}"`) as string; // text between quotes is text or nothing
    } catch {}
    if (!/\p{Surrogate}/u.test(value)) return value;
    throw bad(`header: bad escape in ${JSON.stringify(raw.slice(0, 40))}`);
  }

  function object(member: (key: string) => void): void {
    need("{");
    if (take("}")) return;
    do {
      const key = string();
      need(":");
      member(key);
    } while (take(","));
    need("}");
  }

  function naturals(most: number): readonly number[] {
    const values: number[] = [];
    need("[");
    if (take("]")) return values;
    do {
      space();
      const from = at;
      while (text[at] >= "0" && text[at] <= "9") at++;
      const digits = text.slice(from, Math.min(at, from + 17));
      const value = /^(0|[1-9]\d{0,15})$/.test(digits) ? Number(digits) : Number.NaN;
      if (!Number.isSafeInteger(value) || values.length === most) throw odd();
      values.push(value);
    } while (take(","));
    need("]");
    return values;
  }

  function word(expected: string): boolean {
    space();
    if (!text.startsWith(expected, at)) return false;
    at += expected.length;
    return true;
  }

  /** Any value, checked and not built. */
  function skip(depth = 0): void {
    if (depth === maxDepth) throw bad(`header: nested too deeply at ${at}`);
    space();
    if (text[at] === '"') string();
    else if (text[at] === "{") object(() => skip(depth + 1));
    else if (take("[")) {
      if (take("]")) return;
      do skip(depth + 1);
      while (take(","));
      need("]");
    } else if (!["true", "false", "null"].some(word)) {
      number.lastIndex = at;
      if (!number.test(text)) throw odd();
      at = number.lastIndex;
    }
  }

  const end = () => {
    space();
    if (at < text.length) throw odd();
  };
  return { string, object, naturals, word, skip, end };
}
