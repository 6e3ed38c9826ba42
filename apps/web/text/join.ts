import type { ExperimentStatus } from "@tandem/core/experiment";
import { plural } from "@tandem/core/format";

/*
 * The words of the join page before joining. They load with the page, whose size is bounded: each
 * part is an export of its own, which the build writes where it is used, and what is shown later
 * has files of its own.
 */

export const intro = {
  trains: (classes: number, rounds: number) =>
    `This tab trains a small model of its own to tell ${plural(classes, "class", "classes")} apart, for ${plural(rounds, "round")}`,
  taught: ", helped by pictures that a teacher on the server paints. Your samples stay here.",
  ownModel: "Use a model of your own",
} as const;

export const notices: Readonly<Partial<Record<ExperimentStatus, string>>> = {
  draft: "It has not started; you can join and wait.",
  paused: "It is paused; you can join and wait.",
  failed: "It has stopped on an error; you can join and wait until it goes on.",
};

export const joining = "Joining";

export const form = {
  title: "Join",
  data: "Data:",
  dealt: (dataset: string) => `a small share of ${dataset}, from the server.`,
  own: (samples: string) => `your own, ${samples}.`,
  missing: "your own. Bring it above and keep it in this browser, then join here.",
  model: "Model:",
  ownModel: "your own, for pictures.",
  approval:
    "Whoever runs this study sees your name and how this tab computes, and decides whether to let you in.",
  invitation:
    "This study is by invitation. Open the whole link that you were sent, or ask whoever runs the study for one.",
  full: "All places are taken. This page looks again every 10 seconds.",
  join: "Join with this tab",
  name: "Name",
  nameNote: "(optional, shown to others)",
  nameExample: "e.g. Kitchen laptop",
} as const;
