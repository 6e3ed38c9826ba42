import { decimal } from "@tandem/core/decimal";
import { messageOf } from "@tandem/core/errors";
import { mostOfSweep } from "@tandem/core/experiment";
import type { Json, JsonObject } from "@tandem/core/json";
import { text } from "../../text/new-experiment";
import type { FormValues } from "./experiment-form";
import { type FieldError, readFields } from "./read-fields";
import type { Field } from "./schema-fields";
import type { Setting } from "./settings";

const said = text.sweep;

/** Settings that one sweep of the form may go over. */
export const mostSettings = 4;
/** What is of an experiment by itself, or has a list of its own. */
const fixed = ["experiment.name", "experiment.dataset", "experiment.seed"];

/** Settings that can have several values. */
export const sweepable = (settings: readonly Setting[]): readonly Setting[] =>
  settings.filter(
    ({ path, field }) =>
      !fixed.includes(path) && ["number", "boolean", "choice"].includes(field.kind),
  );

/** Body of `POST /api/sweeps` but for its base, how many experiments it makes, and what is wrong. */
export type SweepReading = {
  readonly grid: Readonly<Record<string, readonly Json[]>>;
  readonly seeds: readonly number[];
  readonly count: number;
  readonly errors: readonly FieldError[];
};

/** What the form is to be repeated with; undefined: it is one experiment. */
export function readSweep(
  { sweep: { rows, seeds }, experiment }: FormValues,
  settings: readonly Setting[],
): SweepReading | undefined {
  if (rows.length === 0 && seeds.trim() === "") return undefined;
  const errors: FieldError[] = [];
  const attempt = <T>(path: string, read: () => readonly T[]): readonly T[] => {
    try {
      return distinct(read());
    } catch (error) {
      errors.push({ path, message: messageOf(error) });
      return [];
    }
  };
  const grid: Record<string, readonly Json[]> = {};
  for (const [i, { path, values }] of rows.entries()) {
    const setting = sweepable(settings).find((one) => one.path === path);
    if (!setting) errors.push({ path: rowPath(i, "path"), message: said.gone });
    else if (rows.findIndex((row) => row.path === path) < i)
      errors.push({ path: rowPath(i, "path"), message: said.twice });
    else grid[apiPath(path)] = attempt(rowPath(i, "values"), () => valuesOf(values, setting.field));
  }
  const seed = settings.find(({ path }) => path === "experiment.seed")?.field;
  const given = seeds.trim() === "" ? String(experiment.seed ?? "") : seeds;
  const all = attempt("sweep.seeds", () => (seed ? valuesOf(given, seed).map(Number) : []));
  const count = Object.values(grid).reduce((product, { length }) => product * length, all.length);
  if (count > mostOfSweep)
    errors.push({ path: "sweep.seeds", message: said.tooMany(count, mostOfSweep) });
  return { grid, seeds: all, count, errors };
}

export const rowPath = (row: number, part: "path" | "values"): string =>
  `sweep.rows.${row}.${part}`;

/** `experiment.alpha` → `alpha`, `settings.fedmmkt.items` → `strategyConfig.items`. */
const apiPath = (path: string): string =>
  path.replace(/^experiment\./, "").replace(/^settings\.[^.]+\./, "strategyConfig.");

function distinct<T>(values: readonly T[]): readonly T[] {
  const twice = values.find((value, i) => values.indexOf(value) < i);
  if (twice !== undefined) throw new Error(said.valueTwice(String(twice)));
  return values;
}

/** Values with commas between them, each as the field would read it. */
function valuesOf(given: string, field: Field): readonly Json[] {
  const parts = given.split(/[,;\s]+/).filter(Boolean);
  if (parts.length === 0) throw new Error(said.none);
  return parts.map((part) => {
    if (field.kind === "boolean") return readSwitch(part);
    if (field.kind === "number" && decimal(part) === undefined)
      throw new Error(text.errors.notNumber(part));
    const { value, errors } = readFields([field], { [field.name]: part });
    const [error] = errors;
    if (error) throw new Error(said.wrong(part, error.message));
    return value[field.name];
  });
}

function readSwitch(part: string): boolean {
  const written = part.toLowerCase();
  if (written !== said.on && written !== said.off) throw new Error(said.onOrOff);
  return written === said.on;
}

/** The body of `POST /api/sweeps`, of the form's own body. */
export function sweepBody(value: JsonObject, { grid, seeds }: SweepReading): JsonObject {
  const { name, seed: _ofEach, ...base } = value;
  return { name, base, grid, seeds };
}
