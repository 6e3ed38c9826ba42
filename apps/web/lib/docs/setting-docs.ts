import type { ExperimentConfig } from "@tandem/core/experiment";

/** Where the manual has each setting of an experiment, behind `/docs/`. */
export const settingDocs = {
  name: "settings#name",
  strategy: "settings#strategy",
  strategyConfig: "settings#strategyconfig",
  dataset: "settings#dataset",
  rounds: "settings#rounds",
  seed: "settings#seed",
  slots: "settings#slots",
  alpha: "settings#alpha",
  missingClients: "settings#missingclients",
  missingSamples: "settings#missingsamples",
  lateCaptions: "settings#latecaptions",
  task: "settings#task",
  benchmark: "settings#benchmark",
  minClients: "settings#minclients",
  quorum: "settings#quorum",
  deadlineMs: "settings#deadlinems",
  participation: "settings#participation",
  sampling: "settings#sampling",
  mostSamples: "settings#mostsamples",
  admission: "settings#admission",
  retentionDays: "settings#retentiondays",
  references: "settings#references",
} as const satisfies Record<keyof ExperimentConfig, string>;

/** Of a strategy's own settings. */
export const strategyDocs = (name: string): string => `settings#settings-of-${name}`;

/** Of the dashboard's pages. */
export const pageDocs = {
  accounts: "security#accounts",
  audit: "security#the-audit-log",
  backups: "deploy#backups",
  newTask: "tasks#in-the-dashboard",
  tasks: "study#1-describe-the-task",
} as const;

/** Of the numbers on an experiment's page. */
export const numberDocs = {
  accuracy: "concepts#accuracy",
  bytes: "concepts#bytes",
  rounds: "concepts#a-round",
  phases: "concepts#a-round",
  teacher: "concepts#the-teacher",
  places: "concepts#places-and-clients",
  estimate: "bench#estimate",
} as const;
