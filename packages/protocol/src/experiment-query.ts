import { TandemError } from "@tandem/core/errors";
import { type ExperimentStatus, experimentStatuses } from "@tandem/core/experiment";
import * as z from "zod/mini";
import { groupName, tag, tagKey } from "./experiment-labels";
import { sortColumns } from "./experiment-list";
import { parsedBy } from "./parsed-by";
import { text } from "./text";

const numberUpTo = (most: number) =>
  z.pipe(
    z.string().check(z.regex(/^\d{1,4}$/, `must be a number from 1 to ${most}`)),
    z.pipe(z.transform(Number), z.int().check(z.minimum(1), z.maximum(most))),
  );
const archivedChoices = ["false", "true", "all"] as const;
const several = <T extends z.ZodMiniType>(of: T) => z.array(of).check(z.maxLength(50));
const fields = {
  /** Words, each of which stands in name, tags, note, group or id. */
  q: z.exactOptional(text(200)),
  /** All of them. */
  tag: several(tag),
  group: z.exactOptional(groupName),
  /** Of these, any. */
  status: several(z.enum(experimentStatuses)),
  strategy: several(text(40)),
  /** A data set or a task, by its id. */
  dataset: several(text(40)),
  task: several(text(40)),
  archived: z._default(z.enum(archivedChoices), "false"),
};
const paged = {
  /** Absent: all. */
  limit: z.exactOptional(numberUpTo(500)),
  cursor: z.exactOptional(
    z.string().check(z.regex(/^\d{1,16}\.[\w-]{1,64}$/, "is none that was given")),
  ),
};
export const experimentQuery = z.strictObject({ ...fields, ...paged });
const ordered = {
  /** A column; with a dash before it from the last to the first. */
  sort: z._default(
    z.enum([...sortColumns, ...sortColumns.map((column) => `-${column}` as const)]),
    "-created",
  ),
  page: z._default(numberUpTo(1000), 1),
};
export const listQuery = z.strictObject({ ...fields, ...ordered });

/** What somebody looks for among experiments. */
export type ExperimentFilter = Omit<z.infer<typeof experimentQuery>, keyof typeof paged>;
export type ExperimentQuery = z.infer<typeof experimentQuery>;
export type ListQuery = z.infer<typeof listQuery>;

const lists: readonly string[] = ["tag", "status", "strategy", "dataset", "task"];

/** Query of the route that lists experiments whole; throws `bad-config` naming the first that is wrong. */
export const parseExperimentQuery = (query: URLSearchParams): ExperimentQuery =>
  parsedBy(experimentQuery, givenIn(query, experimentQuery));

/** The same of the list that people look at. */
export const parseListQuery = (query: URLSearchParams): ListQuery =>
  parsedBy(listQuery, givenIn(query, listQuery));

function givenIn(
  query: URLSearchParams,
  { shape }: { readonly shape: Readonly<Record<string, unknown>> },
): Readonly<Record<string, unknown>> {
  const known = Object.keys(shape);
  const given: Record<string, unknown> = {};
  for (const list of lists) given[list] = query.getAll(list);
  for (const name of new Set(query.keys())) {
    if (!known.includes(name))
      throw new TandemError(
        "bad-config",
        `there is no ${name.slice(0, 40)} to filter by: use ${known.join(", ")}`,
      );
    const values = query.getAll(name);
    if (lists.includes(name)) continue;
    if (values.length > 1) throw new TandemError("bad-config", `${name}: say it once`);
    [given[name]] = values;
  }
  return given;
}

type Sought = {
  readonly id: string;
  readonly config: { readonly name: string; readonly strategy: string; readonly dataset: string };
  readonly status: ExperimentStatus;
  readonly tags: readonly string[];
  readonly note: string;
  readonly group: string | null;
  readonly archived: boolean;
};

/** Whether an experiment is among what is sought. */
export function isSought(filter: ExperimentFilter): (experiment: Sought) => boolean {
  const { q = "", group, archived, status, strategy } = filter;
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const wanted = filter.tag.map(tagKey);
  const datasets = [...filter.dataset, ...filter.task];
  const among = <T>(list: readonly T[], value: T) => list.length === 0 || list.includes(value);
  return (one) => {
    if (archived !== "all" && one.archived !== (archived === "true")) return false;
    if (group !== undefined && one.group !== group) return false;
    if (!among(status, one.status) || !among(strategy, one.config.strategy)) return false;
    if (!among(datasets, one.config.dataset)) return false;
    const tags = one.tags.map(tagKey);
    if (!wanted.every((key) => tags.includes(key))) return false;
    const said = [one.config.name, ...one.tags, one.note, one.group ?? "", one.id]
      .join("\n")
      .toLowerCase();
    return words.every((word) => said.includes(word));
  };
}

type Placed = { readonly id: string; readonly createdAt: number };

export const newestFirst = (a: Placed, b: Placed): number =>
  b.createdAt - a.createdAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Those after `cursor`, `limit` of them, and where the next page begins, if there is one. */
export function pageOf<T extends Placed>(
  sorted: readonly T[],
  { limit = Number.POSITIVE_INFINITY, cursor }: Pick<ExperimentQuery, "limit" | "cursor">,
): { readonly page: readonly T[]; readonly next?: string } {
  const [createdAt, id] = cursor?.split(".") ?? [];
  const last = cursor && { id, createdAt: Number(createdAt) };
  const rest = last ? sorted.filter((one) => newestFirst(last, one) < 0) : sorted;
  const page = rest.slice(0, limit);
  const end = page.at(-1);
  const isMore = rest.length > page.length && end;
  return { page, ...(isMore && { next: `${end.createdAt}.${end.id}` }) };
}
