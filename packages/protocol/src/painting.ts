import * as z from "zod/mini";
import { parsedBy } from "./parsed-by";

export const mostPromptCharacters = 200;

/** What somebody asks the teacher of an experiment to paint. */
export const painting = z.strictObject({
  prompt: z
    .string()
    .check(z.trim(), z.minLength(1), z.maxLength(mostPromptCharacters), z.regex(/^[^\p{Cc}]*$/u)),
});
export type PaintingRequest = z.infer<typeof painting>;

/** Throws `bad-config` naming what is wrong with it. */
export const parsePainting = (input: unknown): PaintingRequest => parsedBy(painting, input);
