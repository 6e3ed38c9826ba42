import type { ExperimentId } from "@tandem/core/ids";
import type { ClientView, ExperimentView, RoundView } from "./view";

type Field = Exclude<keyof ExperimentView, "id" | "clients" | "rounds">;

/** How a view differs from the one that was told before it. */
export type ViewChange = {
  readonly id: ExperimentId;
  /** Counts the changes since the whole view, from 1: whoever has missed one asks for the whole again. */
  readonly number: number;
  readonly fields: Partial<Pick<ExperimentView, Field>>;
  /** Fields that are not there any more. */
  readonly absent: readonly Field[];
  readonly clients: ListChange<ClientView>;
  readonly rounds: ListChange<RoundView>;
};
/** The items that are new or others at their place (0-based), and how many there are now. */
type ListChange<T> = {
  readonly length: number;
  readonly items: readonly (readonly [at: number, item: T])[];
};

/** Tells one watcher: the first view whole, of each other what is new in it. */
export function createTeller(): (
  view: ExperimentView,
) => readonly ["view", ExperimentView] | readonly ["change", ViewChange] {
  let told: ExperimentView | undefined;
  let number = 0;
  return (view) => {
    const before = told;
    told = view;
    return before ? ["change", changeOf(before, view, ++number)] : ["view", view];
  };
}

function changeOf(before: ExperimentView, view: ExperimentView, number: number): ViewChange {
  const fields = fieldsOf(view).filter((name) => !isSame(before[name], view[name]));
  return {
    id: view.id,
    number,
    fields: Object.fromEntries(fields.map((name) => [name, view[name]])),
    absent: fieldsOf(before).filter((name) => view[name] === undefined),
    clients: listChange(before.clients, view.clients),
    rounds: listChange(before.rounds, view.rounds),
  };
}

const fieldsOf = ({ id, clients, rounds, ...fields }: ExperimentView) =>
  Object.keys(fields) as Field[];

function listChange<T extends object>(before: readonly T[], now: readonly T[]): ListChange<T> {
  const items = now.map((item, at) => [at, item] as const);
  return { length: now.length, items: items.filter(([at, item]) => !isSame(before[at], item)) };
}

/** All watchers are told of the same views. */
const texts = new WeakMap<object, string>();
function textOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const text = texts.get(value) ?? JSON.stringify(value);
  texts.set(value, text);
  return text;
}
const isSame = (a: unknown, b: unknown) => textOf(a) === textOf(b);

/** The view that a change leads to. What is the same in it is the same object. */
export function changedView(
  view: ExperimentView,
  { fields, absent, clients, rounds }: ViewChange,
): ExperimentView {
  const kept = Object.entries(view).filter(([name]) => !absent.some((gone) => gone === name));
  return {
    ...(Object.fromEntries(kept) as ExperimentView), // only optional fields can be absent
    ...fields,
    clients: changedList(view.clients, clients),
    rounds: changedList(view.rounds, rounds),
  };
}

function changedList<T>(list: readonly T[], { length, items }: ListChange<T>): readonly T[] {
  if (items.length === 0 && length === list.length) return list;
  const now = list.slice(0, length);
  for (const [at, item] of items) now[at] = item;
  return now;
}
