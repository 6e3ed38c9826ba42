import { basename } from "node:path";
import { messageOf, TandemError } from "@tandem/core/errors";
import { readTextFile } from "@tandem/diffusion/files/text-file";
import { experimentConfig } from "@tandem/protocol/experiment-config";
import { jsonObject } from "@tandem/protocol/json";
import * as z from "zod/mini";
import english from "zod/v4/locales/en.js";
import { attackKinds } from "../attacks";
import { ofEachShareFault } from "../faults";

/** An object that refuses what it does not know, naming what it does. */
const only = <Shape extends Record<string, z.ZodMiniType>>(shape: Shape) =>
  z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys"
        ? `there is no ${issue.keys?.join(", ")}: use ${Object.keys(shape).join(", ")}`
        : undefined,
  });

const { dataset, rounds, seed, slots, alpha, missingClients, missingSamples, lateCaptions, task } =
  experimentConfig.shape;
const { benchmark, participation, sampling } = experimentConfig.shape;
const share = z.number().check(z.minimum(0), z.maximum(1));
const turnovers = z.optional(
  z.array(only({ clients: z.int().check(z.minimum(1)), round: z.int().check(z.minimum(2)) })),
);
const setting = {
  dataset: z.optional(dataset.def.innerType),
  rounds: z.optional(rounds.def.innerType),
  /** Virtual clients, in the first of the slots; all of them by default. */
  clients: z.optional(slots.def.innerType),
  /** Parts that the data set is split into; as many as clients by default. */
  slots: z.optional(slots.def.innerType),
  alpha: z.optional(alpha.def.innerType),
  missingClients: z.optional(missingClients.def.innerType),
  missingSamples: z.optional(missingSamples.def.innerType),
  lateCaptions: z.optional(lateCaptions.def.innerType),
  task: z.optional(task.def.innerType),
  benchmark: z.optional(benchmark.def.innerType),
  /** Clients that lie, chosen by the job's seed; a share of 0 is none, whatever the base has. */
  attack: z.optional(
    only({
      kind: z.enum(attackKinds),
      share,
    }),
  ),
  participation: z.optional(participation.def.innerType),
  sampling: z.optional(sampling.def.innerType),
  /** What befalls clients, by the job's seed, in place of all that the base has; {} is nothing. */
  faults: z.optional(
    only({
      ...ofEachShareFault(z.optional(share)),
      clockSkew: z.optional(z.number().check(z.minimum(0))),
      join: turnovers,
      leave: turnovers,
    }),
  ),
};
const name = z
  .string()
  .check(z.regex(/^[a-z0-9][a-z0-9.-]{0,47}$/, "use small letters, digits, dots and dashes"));

const experimentFile = only({
  name,
  description: z.string().check(z.minLength(1)),
  /** Of every run. A field of `strategyConfig` goes to the strategies that have it. */
  base: only({ ...setting, strategyConfig: z._default(jsonObject, {}) }),
  runs: z
    .array(
      only({
        name,
        strategy: z.string(),
        strategyConfig: z._default(jsonObject, {}),
        config: z._default(only(setting), {}),
      }),
    )
    .check(z.minLength(1)),
  seeds: z.array(seed.def.innerType).check(z.minLength(1)),
  /** Run that the others are compared with. */
  baseline: z.string(),
  /** Accuracy to reach: the last one of this run, else of the baseline, in the same seed. */
  targetRun: z.optional(z.string()),
  /** And this much more. */
  targetGain: z._default(z.number().check(z.minimum(-1), z.maximum(1)), 0.03),
});
export type ExperimentFile = z.infer<typeof experimentFile>;

/** Throws `not-found`, or `bad-config` with a line for each field that is wrong. */
export async function readExperiment(path: string): Promise<ExperimentFile> {
  return parseExperiment(path, await readTextFile(path));
}

export function parseExperiment(path: string, text: string): ExperimentFile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new TandemError("bad-config", `${path}: not JSON: ${messageOf(error)}`);
  }
  return experimentOf(path, json, basename(path, ".json"));
}

/** The same of what a file holds, which is named `stem` if that is said; problems begin with `where`. */
export function experimentOf(where: string, json: unknown, stem?: string): ExperimentFile {
  const refuse = (problems: readonly string[]): never => {
    throw new TandemError("bad-config", problems.map((text) => `${where}: ${text}`).join("\n"));
  };
  const parsed = z.safeParse(experimentFile, json, { error: localeError });
  if (!parsed.success)
    return refuse(
      parsed.error.issues.map(
        ({ path: field, message }) => `${field.join(".") || "the file"}: ${message}`,
      ),
    );
  const file = parsed.data;
  const problems: string[] = [];
  const names = file.runs.map((run) => run.name);
  if (stem !== undefined && file.name !== stem)
    problems.push(`name: "${file.name}" must be the file's name, "${stem}": results carry it`);
  const lists: Readonly<Record<string, readonly (string | number)[]>> = {
    "runs: the name": names,
    seeds: file.seeds,
  };
  for (const [field, values] of Object.entries(lists))
    for (const value of new Set(values.filter((v, i) => values.indexOf(v) < i)))
      problems.push(`${field} ${value} is there twice: leave one`);
  for (const field of ["baseline", "targetRun"] as const)
    if (file[field] !== undefined && !names.includes(file[field]))
      problems.push(`${field}: no run is named "${file[field]}": use one of ${names.join(", ")}`);
  return problems.length > 0 ? refuse(problems) : file;
}

// The small zod has no words of its own.
const { localeError } = english();
