import type { ExperimentStatus } from "@tandem/core/experiment";

/*
 * The words of what every page has. Each part is an export of its own, so that a page loads only
 * the words that its scripts use; those of the header are drawn on the server.
 */

export const site = {
  name: "Tandem",
  /** `%s`: title of the page. */
  title: "%s · Tandem",
  description: "Federated learning in browser tabs, with a text-to-image teacher.",
} as const;

export const header = {
  skip: "Skip to content",
  main: "Main",
  experiments: "Experiments",
  compare: "Compare",
  tasks: "Tasks",
  docs: "Docs",
  theme: "Switch between light and dark",
  account: "Your account",
  signIn: "Sign in",
  takingPart: "Taking part",
} as const;

export const notFound = {
  title: "Nothing here",
  text: "The address is wrong, or the experiment has been deleted. Ask whoever sent you the link, or look at the experiments on this server.",
  experiments: "All experiments",
} as const;

export const broken = {
  title: "This page could not be shown",
  logged: (digest: string) => `The server met an error; its log has the reason, under ${digest}.`,
  unreachable: "The server did not answer.",
  wayOut: "Check that the server is running, then try again.",
  again: "Try again",
} as const;

export const confirm = { cancel: "Cancel" } as const;

export const copy = {
  verb: "Copy",
  done: "Copied",
  wayOut: "This browser only copies on secure pages. Select the address and copy it.",
} as const;

export const steps = { label: "Steps", wrong: " (needs fixing)" } as const;

export const status: Readonly<Record<ExperimentStatus, string>> = {
  draft: "Draft",
  running: "Running",
  paused: "Paused",
  finished: "Finished",
  failed: "Failed",
};
