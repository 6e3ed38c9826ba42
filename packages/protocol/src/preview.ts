import { pictureSizes } from "@tandem/core/task";
import * as z from "zod/mini";
import { parsedBy } from "./parsed-by";
import { isTaskId, teacher } from "./task";
import { storable } from "./text";

/** Pictures of one preview: a full sheet of four by four. */
export const mostPreviewed = 16;
/** Longer texts are cut by every model. */
export const longestPrompt = 1000;

/** What a server is asked to paint, to see what a teacher makes of a study's prompts. */
export const preview = z
  .strictObject({
    teacher,
    prompts: z
      .array(z.string().check(z.trim(), z.minLength(1), z.maxLength(longestPrompt), storable))
      .check(z.minLength(1), z.maxLength(mostPreviewed)),
    /** Height and width in pixels. */
    size: z.literal([...pictureSizes]),
    /** Whose base paints, where the teacher is `trained`. */
    task: z.optional(z.string().check(z.refine(isTaskId, "must be the id of a task"))),
    /** Without it only what has been painted before is looked for. */
    begin: z._default(z.boolean(), true),
  })
  .check(
    z.refine(
      (value) => value.teacher.kind !== "none",
      "teacher: choose one that paints: none does not",
    ),
    z.refine(
      (value) => value.teacher.kind !== "trained" || value.task !== undefined,
      "task: say whose base is to paint",
    ),
  );
export type PreviewRequest = z.infer<typeof preview>;

/** Throws `bad-config` naming the first field that is wrong. */
export const parsePreview = (input: unknown): PreviewRequest => parsedBy(preview, input);
