import { TandemError } from "@tandem/core/errors";

/** Escapes, sets, special groups and open ranges: where the two languages differ. */
const tokens =
  /\\[\s\S]?|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]?|\(\?(?:P?<\w+>|P=\w+\)|<?[=!]|[\s\S])|\{,\d*\}/g;
const escapes = /^\\[bBdDfnrsStvwW\W_]$/;

/**
 * A regular expression of Python's `re` for all of a name behind `before`. Throws `bad-config` for one that is
 * none, `not-supported` for what JavaScript has not, or reads as something else.
 */
export function wholeName(source: string, field: string, before = ""): RegExp {
  const translated = source.replace(tokens, (token) => {
    if (token === "\\A") return "^";
    if (token === "\\Z") return "$";
    if (escapes.test(token)) return token;
    if (token.startsWith("[") && isPlainSet(token)) return token;
    if (/^\(\?(:|<?[=!])$/.test(token)) return token;
    if (token.startsWith("(?P<")) return token.replace("P", "");
    if (token.startsWith("(?P=")) return `\\k<${token.slice(4, -1)}>`;
    if (token.startsWith("{,")) return `{0${token.slice(1)}`;
    throw new TandemError("not-supported", `${field}: ${source}: ${token} cannot be read here`);
  });
  try {
    new RegExp(translated); // by itself: `a)|(b` would be one between other brackets
    return new RegExp(`^${before}(?:${translated})$`);
  } catch (cause) {
    throw new TandemError("bad-config", `${field}: ${source} is no regular expression`, { cause });
  }
}

/** Python's `[]a]` holds a bracket, JavaScript's `[]` nothing. */
const isPlainSet = (set: string) =>
  !/^\[\^?\]/.test(set) && (set.match(/\\[\s\S]/g) ?? []).every((found) => escapes.test(found));
