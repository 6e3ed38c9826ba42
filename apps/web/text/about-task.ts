import { listed } from "@tandem/core/format";

/** What is said of a task on an experiment's page and to whoever takes part. */
export const text = {
  title: (name: string) => `About ${name}`,
  bring: "Participants bring",
  of: (kinds: string, classes: readonly string[]) => `${kinds} of ${listed(classes, "and")}`,
  organiser: "Organiser",
  runBy: (name: string) => `Run by ${name}`,
} as const;
