import { formatPercent, plural } from "@tandem/core/format";

/*
 * The words of the join page for whoever has taken part before. Each part is loaded with its own
 * panel.
 */

export const back = {
  title: "You were in this study",
  reached: (rounds: number, accuracy: number, classes: number) =>
    `Your model took part in ${plural(rounds, "round")} and reached ${formatPercent(accuracy)} (chance ${formatPercent(1 / classes)}).`,
  noRound: "Your tab had a place, but has not finished a round yet.",
  kept: "What it has learned and its data are kept in this browser.",
  keptOwn:
    "What it has learned and its data are kept in this browser; if you leave, your data stays until you delete it.",
  goOn: "Continue",
  leave: "Leave and remove it",
  leaveOwn: "Leave and remove the model",
} as const;

export const changed = {
  title: "What this study asks of you has changed",
  text: "It goes on in this browser only if you agree to it as it is now.",
  nothing: "nothing of it",
  now: "Now:",
  before: "Before:",
} as const;

export const finished = {
  title: "This study has finished",
  thanks: (rounds: number) => `Your tab took part in ${plural(rounds, "round")}. Thank you.`,
  text: "All rounds are done; nobody can join any more.",
  results: "See the results",
} as const;

export const gone = {
  title: (study: string) => `You took part in ${study || "it"}`,
  text: (rounds: number) =>
    `Your model learned in ${plural(rounds, "round")}, and is still in this browser: take it along or delete it below.`,
  study: "Study",
} as const;
