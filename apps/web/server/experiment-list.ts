import type { ListedRun } from "@tandem/coordinator/row";
import type { ExperimentStatus } from "@tandem/core/experiment";
import type { Json } from "@tandem/core/json";
import { describeSample } from "@tandem/evaluation/statistics";
import { tagKey } from "@tandem/protocol/experiment-labels";
import {
  type ExperimentListView,
  type ListEntry,
  type RunRow,
  rowsOf,
  type SettingRows,
  type SortColumn,
} from "@tandem/protocol/experiment-list";
import { isSought, type ListQuery } from "@tandem/protocol/experiment-query";

/** Entries of a page; a group is one, whatever is in it. */
const pageEntries = 50;
/** Settings that name what differs. */
const mostNamed = 3;

/** A page of what is looked for among all experiments, those of a group together. */
export function listOf(all: readonly ListedRun[], query: ListQuery): ExperimentListView {
  const isWanted = isSought(query);
  const found = all.filter(({ row, config, note }) => isWanted({ ...row, config, note }));
  const { column, direction } = sortOf(query.sort);
  const entries = grouped(found).sort(
    (a, b) =>
      direction * compare(keyOf[column](a), keyOf[column](b)) ||
      compare(keyOf.created(b), keyOf.created(a)) ||
      compare(keyOf.name(a), keyOf.name(b)),
  );
  const pages = Math.max(1, Math.ceil(entries.length / pageEntries));
  const page = Math.min(query.page, pages);
  const shown = entries.slice((page - 1) * pageEntries, page * pageEntries);
  const rows = all.map(({ row }) => row);
  return {
    entries: shown.map((entry) => (entry.kind === "run" ? entry : labelled(entry, found))),
    found: found.length,
    page,
    pages,
    isEmpty: all.length === 0,
    tags: inOrder(ofOneSpelling(rows.flatMap(({ tags }) => tags))),
    groups: inOrder([...new Set(rows.flatMap(({ group }) => group ?? []))]),
  };
}

/** Of tags that differ in case alone, which are found together. */
const ofOneSpelling = (tags: readonly string[]): readonly string[] => [
  ...new Map(tags.map((tag) => [tagKey(tag), tag])).values(),
];
const inOrder = (names: readonly string[]): readonly string[] =>
  names.toSorted((a, b) => a.localeCompare(b, "en"));

function sortOf(sort: ListQuery["sort"]): {
  readonly column: SortColumn;
  readonly direction: 1 | -1;
} {
  const isDown = sort.startsWith("-");
  const column = (isDown ? sort.slice(1) : sort) as SortColumn; // by the schema
  return { column, direction: isDown ? -1 : 1 };
}

type Group = Extract<ListEntry, { readonly kind: "group" }>;

const urgency: readonly ExperimentStatus[] = ["running", "failed", "paused", "draft", "finished"];
const unmeasured = -1;
/** What an entry is sorted by; of a group that of its best, latest or most urgent. */
const keyOf: Readonly<Record<SortColumn, (entry: ListEntry) => number | string>> = {
  name: (entry) => (entry.kind === "run" ? entry.run.name : entry.name),
  status: (entry) => Math.min(...rowsOf(entry).map(({ status }) => urgency.indexOf(status))),
  rounds: (entry) => Math.max(...rowsOf(entry).map(({ rounds }) => rounds)),
  accuracy: (entry) =>
    entry.kind === "run"
      ? (entry.run.accuracy ?? unmeasured)
      : Math.max(...entry.settings.map(({ mean = unmeasured }) => mean)),
  created: (entry) => Math.max(...rowsOf(entry).map(({ createdAt }) => createdAt)),
};

function compare(a: number | string, b: number | string): number {
  if (typeof a === "string" && typeof b === "string")
    return a.localeCompare(b, "en", { numeric: true });
  return Number(a) - Number(b);
}

function grouped(found: readonly ListedRun[]): ListEntry[] {
  const groups = new Map<string, ListedRun[]>();
  const entries: ListEntry[] = [];
  for (const run of found) {
    const { group } = run.row;
    if (group === null) entries.push({ kind: "run", run: run.row });
    else groups.set(group, [...(groups.get(group) ?? []), run]);
  }
  for (const [name, runs] of groups)
    entries.push({ kind: "group", name, settings: settingsOf(runs) });
  return entries;
}

/** Those that differ in name and seed alone belong together. */
function settingsOf(runs: readonly ListedRun[]): readonly SettingRows[] {
  const bySetting = new Map<string, RunRow[]>();
  for (const { row, config } of runs) {
    const { name, seed, ...rest } = config;
    const key = JSON.stringify(rest);
    bySetting.set(key, [...(bySetting.get(key) ?? []), row]);
  }
  return [...bySetting.values()].map(settingRows);
}

/** With what makes each of its settings. */
function labelled({ name, settings }: Group, found: readonly ListedRun[]): Group {
  const configs = new Map(found.map(({ row, config }) => [row.id, config]));
  const valuesAt = ({ runs }: SettingRows) => {
    const config = configs.get(runs[0].id);
    return config ? valuesOf(config) : new Map<string, Json>();
  };
  const differing = differingPaths(settings.map(valuesAt));
  return {
    kind: "group",
    name,
    settings: settings
      .map((one) => ({
        ...one,
        label: labelOf(name, one.runs, { values: valuesAt(one), differing }),
      }))
      .sort((a, b) => compare(a.label, b.label)),
  };
}

function settingRows(members: readonly RunRow[]): SettingRows {
  const runs = [...members].sort((a, b) => a.seed - b.seed || compare(a.name, b.name));
  const measured = runs.flatMap(({ accuracy }) => accuracy ?? []);
  if (measured.length === 0) return { label: "", runs, measured: 0 };
  const { mean, std } = describeSample(measured);
  return { label: "", runs, measured: measured.length, mean, ...(std !== undefined && { std }) };
}

/** As a sweep has named them, else by what differs from the others. */
function labelOf(
  group: string,
  runs: readonly RunRow[],
  {
    values,
    differing,
  }: { readonly values: ReadonlyMap<string, Json>; readonly differing: readonly string[] },
): string {
  const named = new Set(
    runs.map(({ name, seed }) => {
      const [start, end] = [`${group}: `, `, seed ${seed}`];
      const isOfSweep = name.startsWith(start) && name.endsWith(end);
      return isOfSweep ? name.slice(start.length, -end.length) : "";
    }),
  );
  const [only] = named;
  if (named.size === 1 && only) return only;
  const said = differing.map((path) => {
    const value = values.get(path) ?? null;
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return `${path.slice(path.lastIndexOf(".") + 1)} ${text}`;
  });
  const shown = said.slice(0, mostNamed).join(", ");
  return said.length > mostNamed ? `${shown}, …` : shown;
}

/** Paths that not all have the same value at. */
function differingPaths(all: readonly ReadonlyMap<string, Json>[]): readonly string[] {
  const paths = new Set(all.flatMap((one) => [...one.keys()]));
  return [...paths].filter(
    (path) => new Set(all.map((one) => JSON.stringify(one.get(path)))).size > 1,
  );
}

/** Every setting by its path, but for name and seed. */
function valuesOf({ name, seed, ...config }: ListedRun["config"]): ReadonlyMap<string, Json> {
  const values = new Map<string, Json>();
  const add = (path: string, value: unknown): void => {
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      for (const [field, inner] of Object.entries(value))
        add(path === "" ? field : `${path}.${field}`, inner);
    else values.set(path, value as Json); // of a configuration
  };
  add("", config);
  return values;
}
