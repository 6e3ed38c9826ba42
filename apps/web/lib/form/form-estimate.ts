import type { Json, JsonObject } from "@tandem/core/json";
import { type Estimate, estimate, type World, worldOf } from "./estimate";
import { type FormShape, type FormValues, ownFieldsFor, readForm } from "./experiment-form";
import { type Field, fieldsOf } from "./schema-fields";

export type FormEstimate = {
  readonly world: World;
  readonly cost: Estimate;
  readonly clients: number;
  readonly deadlineMs: number;
};

/** Of what the form holds, with defaults for what cannot be read; undefined: there are no figures. */
export function formEstimate(shape: FormShape, values: FormValues): FormEstimate | undefined {
  const { strategies, tasks } = shape;
  const task = tasks.find(({ id }) => id === values.experiment.dataset);
  const strategy = strategies.find(({ name }) => name === values.strategy);
  if (!task || !strategy) return undefined;
  const { value } = readForm(shape, values);
  const own = ownFieldsFor(shape, task.id);
  const numberOf = (name: string): number => Number(withDefault(value, own, name));
  const [clients, rounds, participation] = ["slots", "rounds", "participation"].map(numberOf);
  const settings = fieldsOf(strategy.schema);
  const given = value.strategyConfig as JsonObject;
  const strategyConfig = Object.fromEntries(
    settings.flatMap(({ name }) => {
      const known = withDefault(given, settings, name);
      return known === undefined ? [] : [[name, known]];
    }),
  );
  const world = worldOf(task, clients);
  const cost =
    world &&
    estimate(
      {
        ...{ strategy: strategy.name, strategyConfig, rounds, clients, participation },
        usesTeacher: strategy.needs.teacher,
      },
      world,
    );
  return cost && { world, cost, clients, deadlineMs: numberOf("deadlineMs") };
}

const withDefault = (given: JsonObject, fields: readonly Field[], name: string): Json | undefined =>
  given[name] ?? fields.find((field) => field.name === name)?.fallback;
