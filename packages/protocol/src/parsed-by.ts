import { TandemError } from "@tandem/core/errors";
import * as z from "zod/mini";
import english from "zod/v4/locales/en.js";

// The small zod has no words of its own: every issue would read "Invalid input".
export const { localeError } = english();

/** Throws `bad-config` naming the first field that is wrong. */
export function parsedBy<T extends z.ZodMiniType>(schema: T, input: unknown): z.infer<T> {
  const parsed = z.safeParse(schema, input, { error: localeError });
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  throw new TandemError("bad-config", [path.join("."), message].filter(Boolean).join(": "));
}
