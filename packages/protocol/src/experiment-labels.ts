import type { ExperimentLabels } from "@tandem/core/experiment";
import * as z from "zod/mini";
import { parsedBy } from "./parsed-by";
import { isVisible, storable } from "./text";

const mostTags = 16;

const label = (what: string, most: number) =>
  z.string().check(
    z.trim(),
    storable,
    z.refine((value) => isVisible(value), `a ${what} must show something, and hide nothing`),
    z.refine(
      (value) => [...value].length <= most,
      `a ${what} has at most ${most} characters: leave some out`,
    ),
  );

export const tag = label("tag", 32);
export const groupName = label("group's name", 80);

/** What two tags that differ in case alone have in common. */
export const tagKey = (text: string): string => text.trim().toLowerCase();

const tags = z.array(tag).check(
  z.refine((list) => list.length <= mostTags, `at most ${mostTags}: leave some out`),
  z.refine(
    (list) => new Set(list.map(tagKey)).size === list.length,
    "one is there twice, in whatever case: leave one",
  ),
);
const note = z.string().check(
  storable,
  z.refine((value) => value.length <= 4000, "at most 4,000 characters"),
);

export const experimentLabels = {
  tags,
  note,
  group: z.nullable(groupName),
  archived: z.boolean(),
} as const;
/** Those that are to change; what is absent stays. */
export const labelChange = z.strictObject({
  tags: z.exactOptional(experimentLabels.tags),
  note: z.exactOptional(experimentLabels.note),
  group: z.exactOptional(experimentLabels.group),
  archived: z.exactOptional(experimentLabels.archived),
});
export type LabelChange = Partial<ExperimentLabels>;

/** Body of the route that changes labels; throws `bad-config` naming the first field that is wrong. */
export const parseLabelChange = (input: unknown): LabelChange => parsedBy(labelChange, input);
