import { TandemError } from "@tandem/core/errors";
import { createDdim, ddimFields } from "./ddim";
import { createDdpm, ddpmFields } from "./ddpm";
import { createDpmSolver, dpmSolverFields } from "./dpm-solver";
import { createEuler, eulerFields } from "./euler";
import { type Fields, readFields, type ValuesOf } from "./fields";
import { finiteSteps } from "./finite-steps";
import { createFlowMatchEuler, flowMatchFields } from "./flow-match-euler";
import { foreignFields } from "./known-fields";
import { createLcm, lcmFields } from "./lcm";
import type { Scheduler } from "./scheduler";

type RawConfig = Readonly<Record<string, unknown>>;

/** A scheduler, and what in its config was not taken as it stands, a line each: for the user. */
export type ReadScheduler = {
  readonly scheduler: Scheduler;
  readonly notices: readonly string[];
};
type Entry = { readonly fields: Fields; readonly create: (config: RawConfig) => ReadScheduler };

function entry<F extends Fields>(
  className: string,
  fields: F,
  create: (config: ValuesOf<F>) => Scheduler,
): readonly [string, Entry] {
  return [
    className,
    {
      fields,
      create: (config) => {
        const { values, notices } = readFields(className, config, { fields, foreign });
        return { scheduler: finiteSteps(create(values)), notices };
      },
    },
  ];
}

const entries: ReadonlyMap<string, Entry> = new Map([
  entry("DDPMScheduler", ddpmFields, createDdpm),
  entry("DDIMScheduler", ddimFields, createDdim),
  entry("DPMSolverMultistepScheduler", dpmSolverFields, createDpmSolver),
  entry("EulerDiscreteScheduler", eulerFields, createEuler),
  entry("LCMScheduler", lcmFields, createLcm),
  entry("FlowMatchEulerDiscreteScheduler", flowMatchFields, createFlowMatchEuler),
]);

const foreign: ReadonlySet<string> = new Set([
  ...foreignFields,
  ...[...entries.values()].flatMap(({ fields }) => Object.keys(fields)),
]);

export const schedulerClasses: readonly string[] = [...entries.keys()];

/**
 * The scheduler that a diffusers `scheduler_config.json` describes. With `className` another class
 * on the same noise levels, as diffusers' `from_config` has it: fields that the class lacks are left
 * aside. Throws `not-supported` with a field of the class and its value.
 */
export function readScheduler(
  config: RawConfig,
  options: { readonly className?: string } = {},
): ReadScheduler {
  const className = options.className ?? config._class_name;
  const found = typeof className === "string" ? entries.get(className) : undefined;
  if (!found)
    throw new TandemError(
      "not-supported",
      `scheduler _class_name = ${JSON.stringify(className)} is not supported: ` +
        `use one of ${schedulerClasses.join(", ")} with the same configuration`,
    );
  return found.create(config);
}

/** `readScheduler` where nobody is there to be told of anything. */
export const schedulerFromConfig = (
  config: RawConfig,
  options: { readonly className?: string } = {},
): Scheduler => readScheduler(config, options).scheduler;
