import * as z from "zod/mini";
import { parsedBy } from "./parsed-by";

/** How long a base is trained unless somebody says otherwise. */
export const defaultMinutes = 20;
export const mostMinutes = 720;
const mostSteps = 200_000;

/** What a server is asked for: a base trained from a task's public set, or more of one that was stopped. */
export const preparation = z
  .strictObject({
    minutes: z.optional(z.number().check(z.minimum(0.01), z.maximum(mostMinutes))),
    steps: z.optional(z.int().check(z.minimum(1), z.maximum(mostSteps))),
    /** A base of `public/teacher` whose weights it begins with. */
    from: z.optional(z.string().check(z.regex(/^[\w-]{1,64}$/, "must be a base that is shipped"))),
    /** Drops what a stopped training has learned. */
    anew: z.optional(z.boolean()),
  })
  .check(
    z.refine(
      ({ minutes, steps }) => minutes === undefined || steps === undefined,
      "minutes or steps, not both",
    ),
  );
export type PreparationRequest = z.infer<typeof preparation>;

/** Throws `bad-config` naming the first field that is wrong. */
export const parsePreparation = (input: unknown): PreparationRequest =>
  parsedBy(preparation, input);
