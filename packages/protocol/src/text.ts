import * as z from "zod/mini";

/** Without NUL and half surrogate pairs, which PostgreSQL and UTF-8 cannot keep. */
export const isText = (value: string): boolean => /^[^\0\p{Surrogate}]*$/u.test(value);

/** What of it can be kept. */
export const storableOf = (value: string): string => value.replace(/[\0\p{Surrogate}]/gu, "");

/** The check of every text that comes from outside. */
export const storable = z.refine<string>(isText, "must hold neither NUL nor half a surrogate pair");

export const text = (maxLength: number) => z.string().check(z.maxLength(maxLength), storable);
