import { TandemError } from "@tandem/core/errors";
import { mostOfSweep } from "@tandem/core/experiment";
import { plural } from "@tandem/core/format";
import type { Json, JsonObject } from "@tandem/core/json";
import * as z from "zod/mini";
import { experimentConfig } from "./experiment-config";
import { groupName } from "./experiment-labels";
import { jsonObject } from "./json";
import { parsedBy } from "./parsed-by";

const nameLength = 80;

export const sweepSchema = z.strictObject({
  name: groupName,
  /** Of every experiment; its name and seed are the sweep's. */
  base: jsonObject,
  /** Values by the path of a setting, such as `strategyConfig.items`. */
  grid: jsonObject,
  seeds: z.array(experimentConfig.shape.seed.def.innerType).check(z.minLength(1)),
});
/** What is run in a sweep: every combination of the grid's values, with every seed. */
export type Sweep = {
  readonly name: string;
  readonly base: JsonObject;
  readonly grid: Readonly<Record<string, readonly Json[]>>;
  readonly seeds: readonly number[];
};
export type SweepMember = {
  readonly config: JsonObject;
  /** The paths and values that make it, for whoever is told that they are wrong. */
  readonly where: string;
};

const bad = (message: string) => new TandemError("bad-config", message);
const pathForm = /^[A-Za-z]\w*(\.[A-Za-z]\w*)*$/;
const settable = Object.keys(experimentConfig.shape).filter((field) => field !== "name");

/** Throws `bad-config` naming the first field, or path of the grid, that is wrong. */
export function parseSweep(input: unknown): Sweep {
  const { grid, ...rest } = parsedBy(sweepSchema, input);
  const checked: Record<string, readonly Json[]> = {};
  for (const [path, values] of Object.entries(grid)) {
    if (path === "seed") throw bad("grid.seed: give the values as seeds");
    requirePath(`grid.${path}`, path);
    if (!Array.isArray(values) || values.length === 0)
      throw bad(`grid.${path}: must be a list of values, such as [1, 2]`);
    requireOnce(`grid.${path}`, values);
    checked[path] = values as readonly Json[];
  }
  requireApart("grid.", Object.keys(checked));
  requireOnce("seeds", rest.seeds);
  requireRoom(
    Object.values(checked).reduce((product, { length }) => product * length, 1),
    rest.seeds.length,
  );
  return { ...rest, base: rest.base as JsonObject, grid: checked };
}

/** Throws `bad-config` where so many settings with so many seeds are too many. */
export function requireRoom(settings: number, seeds: number): void {
  if (settings * seeds > mostOfSweep)
    throw bad(
      `${plural(settings, "setting")} with ${plural(seeds, "seed")} are ${settings * seeds} experiments: a sweep has ${mostOfSweep} at most.`,
    );
}

function requireOnce(where: string, values: readonly unknown[]): void {
  const texts = values.map((value) => JSON.stringify(value));
  const twice = texts.find((text, i) => texts.indexOf(text) < i);
  if (twice !== undefined) throw bad(`${where}: ${twice} is there twice: leave one`);
}

/** Throws `bad-config` for what is not the path of a setting that may change. */
function requirePath(where: string, path: string): void {
  const [field] = path.split(".");
  if (
    !pathForm.test(path) ||
    !settable.includes(field) ||
    (path !== field && field !== "strategyConfig")
  )
    throw bad(
      `${where.slice(0, 80)}: there is no such setting: use ${settable.join(", ")}, or strategyConfig.SETTING`,
    );
}

/** Throws `bad-config` where one path leads into another: the later would undo the earlier. */
function requireApart(where: string, paths: readonly string[]): void {
  const inner = paths.find((path) => paths.some((outer) => path.startsWith(`${outer}.`)));
  if (inner !== undefined)
    throw bad(`${where}${inner}: it is within another that is given here: leave one of them`);
}

/** The configuration with other values at these paths; one that is not there comes to be. */
export function withValues(config: JsonObject, values: Readonly<Record<string, Json>>): JsonObject {
  requireApart("", Object.keys(values));
  const changed = structuredClone(config) as Record<string, Json>; // its own copy
  for (const [path, value] of Object.entries(values)) {
    requirePath(path, path);
    const parts = path.split(".");
    const last = parts.pop() ?? path;
    let at = changed;
    for (const part of parts) {
      const inner = Object.hasOwn(at, part) ? at[part] : {};
      if (typeof inner !== "object" || inner === null || Array.isArray(inner))
        throw bad(`${path}: ${part} has no settings within`);
      at[part] = inner;
      at = inner as Record<string, Json>;
    }
    at[last] = value;
  }
  return changed;
}

/** Every experiment of a sweep: its settings in the grid's order, each with all seeds. */
export function membersOf({ name, base, grid, seeds }: Sweep): readonly SweepMember[] {
  let settings: readonly Readonly<Record<string, Json>>[] = [{}];
  for (const [path, values] of Object.entries(grid))
    settings = settings.flatMap((one) => values.map((value) => ({ ...one, [path]: value })));
  return settings.flatMap((values) => {
    const setting = wordsOf(values);
    const config = withValues(base, values);
    const where = Object.entries(values).map(([path, value]) => `grid.${path} ${said(value)}`);
    return seeds.map((seed) => ({
      config: { ...config, name: memberName(name, setting, seed), seed },
      where: where.join(", ") || "base",
    }));
  });
}

const said = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));
const wordsOf = (values: Readonly<Record<string, Json>>): string =>
  Object.entries(values)
    .map(([path, value]) => `${path.slice(path.lastIndexOf(".") + 1)} ${said(value)}`)
    .join(", ");

/** Names the sweep, the setting and the seed, as far as there is room. */
export function memberName(sweep: string, setting: string, seed: number): string {
  const end = `${setting && ", "}seed ${seed}`;
  const begin = `${sweep}: ${setting}`;
  const room = nameLength - end.length;
  if (begin.length <= room) return begin + end;
  return `${begin.slice(0, room - 1).replace(/[\p{Surrogate}\s,]+$/u, "")}…${end}`;
}

export const cloneSchema = z.strictObject({
  name: z.exactOptional(z.string()),
  /** Values by the path of a setting. */
  changes: z._default(jsonObject, {}),
});

/** Body of the route that copies an experiment; throws `bad-config`. */
export const parseClone = (input: unknown) => parsedBy(cloneSchema, input);

export const addedRounds = z.strictObject({
  add: z.int().check(z.minimum(1), z.maximum(1000)),
});

/** Body of the route that adds rounds; throws `bad-config`. */
export const parseAddedRounds = (input: unknown) => parsedBy(addedRounds, input);

/** Of an experiment that is like `config` but for these values, and is called otherwise. */
export function cloneOf(
  config: JsonObject & { readonly name: string },
  {
    name = copyName(config.name),
    changes = {},
  }: { readonly name?: string; readonly changes?: JsonObject },
): JsonObject {
  // Another strategy has settings of its own.
  const isOther = "strategy" in changes && changes.strategy !== config.strategy;
  return { ...withValues({ ...config, ...(isOther && { strategyConfig: {} }) }, changes), name };
}

function copyName(name: string): string {
  const end = " (copy)";
  return name.slice(0, nameLength - end.length).replace(/\p{Surrogate}$/u, "") + end;
}
