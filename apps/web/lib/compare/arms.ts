import type { Json } from "@tandem/core/json";
import type { ExperimentView } from "@tandem/protocol/view";

/** Runs that are drawn as one: they differ in their seeds alone, and no two have the same. */
export type Arm = {
  /** Of its first run. */
  readonly id: string;
  readonly name: string;
  readonly runs: readonly ExperimentView[];
};

/** What a run was set to, by a path for each setting; the name is none. */
export function settingsOf({ config }: Pick<ExperimentView, "config">): ReadonlyMap<string, Json> {
  const { name: _, strategyConfig, ...common } = config;
  const own = Object.entries(strategyConfig).map(([key, value]) => [`strategy.${key}`, value]);
  return new Map(
    [...Object.entries(common), ...own].filter(
      (entry): entry is [string, Json] => entry[1] !== undefined,
    ),
  );
}

/** In the order of the runs; `apart`: each of its own. */
export function armsOf(runs: readonly ExperimentView[], apart: boolean): readonly Arm[] {
  const byKey = new Map<string, ExperimentView[]>();
  for (const run of runs) {
    const { seed } = run.config;
    for (let copy = 0; ; copy++) {
      const key = JSON.stringify([apart ? run.id : keyOf(run), copy]);
      const others = byKey.get(key) ?? [];
      if (others.some(({ config }) => config.seed === seed)) continue;
      byKey.set(key, [...others, run]);
      break;
    }
  }
  return [...byKey.values()].map((own) => ({
    id: own[0].id,
    name: commonName(own.map(({ config }) => config.name)),
    runs: own,
  }));
}

function keyOf(run: ExperimentView): Json {
  const settings = [...settingsOf(run)].filter(([path]) => path !== "seed");
  return [run.group, settings.map(([path, value]) => [path, ordered(value)]).sort()];
}

/** With keys in one order, so that equal values are equal texts. */
function ordered(value: Json): Json {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => [key, ordered(one as Json)]);
}

/** What all names begin with, without a seed at its end; the first name where that is nothing. */
export function commonName([first, ...others]: readonly string[]): string {
  let length = first.length;
  for (const name of others) while (!name.startsWith(first.slice(0, length))) length--;
  if (length === first.length && others.every((name) => name === first)) return first;
  const begin = first.slice(0, length).replace(/\d+$/, "");
  return begin.replace(/[\s\p{P}\p{S}]*(\bseeds?)?[\s\p{P}\p{S}]*$/iu, "") || first;
}
