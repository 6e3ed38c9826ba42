import type { ExperimentStatus } from "@tandem/core/experiment";
import { formatPercent, plural } from "@tandem/core/format";
import type { SortColumn } from "@tandem/protocol/experiment-list";
import { status } from "./shared";

/** The list of experiments. */
export const text = {
  title: "Experiments",
  lead: "Models in browser tabs and a text-to-image teacher on this server make each other better. Data stays in the tabs.",
  create: "New experiment",
  count: (found: number) => plural(found, "experiment"),
  filters: {
    label: "Find experiments",
    search: "Search",
    searchHint: "Name, tag, note or id",
    more: "Filter and sort",
    status: "Status",
    strategy: "Strategy",
    dataset: "Data",
    tag: "Tag",
    group: "Group",
    archived: "Archive",
    sort: "Sort by",
    any: {
      status: "Any status",
      strategy: "Any strategy",
      dataset: "Any data",
      tag: "Any tag",
      group: "Any group",
    },
    archivedChoices: { false: "Not archived", true: "Archived", all: "All" },
    withoutTag: (tag: string) => `Do not filter by ${tag}`,
    clear: "Clear filters",
  },
  statuses: status,
  columns: {
    name: "Name",
    status: "Status",
    rounds: "Rounds",
    accuracy: "Accuracy",
    created: "Created",
  } satisfies Readonly<Record<SortColumn, string>>,
  sorts: {
    "-created": "Newest first",
    created: "Oldest first",
    name: "Name",
    status: "Status",
    "-accuracy": "Highest accuracy",
    "-rounds": "Most rounds",
  },
  select: (name: string) => `Select ${name}`,
  selectAll: "Select all on this page",
  strategyOn: (strategy: string, task: string) => `${strategy} on ${task}`,
  /** Of one that is neither a draft nor over. */
  underWay: (round: number, rounds: number, here: number) =>
    `Round ${round} of ${rounds}, ${plural(here, "client")} here`,
  planned: (rounds: number) => plural(rounds, "round"),
  over: (rounds: number, clients: number) =>
    `${plural(rounds, "round")}, ${plural(clients, "client")}`,
  unmeasured: "Not measured yet",
  mean: "mean",
  meanOf: (measured: string) => `mean, ${measured}`,
  curve: (first: number, last: number) =>
    `Mean client accuracy from ${formatPercent(first)} to ${formatPercent(last)}`,
  start: "Start",
  startOne: (name: string) => `Start ${name}`,
  started: (count: number) => `${plural(count, "experiment")} started`,
  archivedMark: "Archived",
  group: {
    size: (runs: number, settings: number) =>
      settings > 1
        ? `${plural(runs, "run")} of ${plural(settings, "setting")}`
        : plural(runs, "run"),
    best: "best setting",
    seeds: (measured: number) => plural(measured, "seed"),
    only: "All runs",
    unmeasured: "–",
    spread: (mean: number, std: number | undefined) =>
      std === undefined
        ? formatPercent(mean)
        : `${(mean * 100).toFixed(1)} ± ${(std * 100).toFixed(1)} %`,
    standing: (count: number, status: ExperimentStatus) =>
      status === "draft" ? plural(count, "draft") : `${count} ${status}`,
    startAll: "Start all",
    startAllOf: (group: string) => `Start all of ${group}`,
    startAllTitle: (count: number) => `Start ${plural(count, "experiment")}?`,
    startAllText:
      "All drafts of this group start now. Each begins its first round once enough clients have joined it.",
  },
  bulk: {
    label: "Selected experiments",
    count: (count: number) => `${count} selected`,
    compare: "Compare",
    compareHint: "Select two experiments or more",
    tag: "Tag",
    archive: "Archive",
    restore: "Restore",
    clear: "Clear selection",
  },
  pages: {
    label: "Pages",
    previous: "Previous",
    next: "Next",
    of: (page: number, pages: number) => `Page ${page} of ${pages}`,
  },
  none: {
    title: "No experiment matches",
    hint: "Other words or fewer filters find more.",
  },
  first: {
    title: "No experiment yet",
    lead: "Create one, start it, and open its join page in a few tabs, on this machine or others.",
    steps: [
      {
        side: "server",
        title: "The teacher paints",
        text: "A text-to-image model on this server paints pictures from captions.",
      },
      {
        side: "clients",
        title: "Tabs answer",
        text: "Every tab trains on its own data and says what it knows about these pictures.",
      },
      {
        side: "both",
        title: "Both get better",
        text: "The answers are fused: tabs learn from each other, the teacher from all of them.",
      },
    ],
    study: "Study of your own",
    kinds:
      "An experiment is on a data set that Tandem ships, or on a study of your own: you say which classes there are, and participants bring samples that stay with them.",
  },
  wrong: "This address asks for something that the list does not know:",
} as const;
