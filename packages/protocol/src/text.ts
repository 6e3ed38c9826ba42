import * as z from "zod/mini";

/** Without NUL and half surrogate pairs, which PostgreSQL and UTF-8 cannot keep. */
export const isText = (value: string): boolean => /^[^\0\p{Surrogate}]*$/u.test(value);

/** What of it can be kept. */
export const storableOf = (value: string): string => value.replace(/[\0\p{Surrogate}]/gu, "");

/** What shows nothing: blanks of all scripts, and marks that need a letter before them. */
const blank = /[\p{Z}\p{C}\p{M}\u115f\u1160\u2800\u3164\uffa0]/u;
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
/** Between the parts of an emoji, after a flag, and in words of scripts that need them. */
const joiners =
  /(?<=\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f|\p{M}|(?!\p{Script=Latin})\p{L})(?:\u200c|\u200d)|(?<=\u{1f3f4})[\u{e0020}-\u{e007f}]+/gu;

/** Whether people see all of it, and there is something to see. */
export const isVisible = (value: string): boolean =>
  [...value].some((character) => !blank.test(character)) &&
  !hidden.test(value.replace(joiners, ""));

/** The check of every text that comes from outside. */
export const storable = z.refine<string>(isText, "must hold neither NUL nor half a surrogate pair");

export const text = (maxLength: number) => z.string().check(z.maxLength(maxLength), storable);
