import { TandemError } from "@tandem/core/errors";
import { createDdim, ddimFields } from "./ddim";
import { createDdpm, ddpmFields } from "./ddpm";
import { createDpmSolver, dpmSolverFields } from "./dpm-solver";
import { createEuler, eulerFields } from "./euler";
import { type Fields, readFields, type ValuesOf } from "./fields";
import { createFlowMatchEuler, flowMatchFields } from "./flow-match-euler";
import { createLcm, lcmFields } from "./lcm";
import type { Scheduler } from "./scheduler";

type RawConfig = Readonly<Record<string, unknown>>;
type Entry = { readonly fields: Fields; readonly create: (config: RawConfig) => Scheduler };

function entry<F extends Fields>(
  className: string,
  fields: F,
  create: (config: ValuesOf<F>) => Scheduler,
): readonly [string, Entry] {
  return [
    className,
    { fields, create: (config) => create(readFields(className, config, { fields, ignored })) },
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

// skip_prk_steps (PNDM) stands in the DDIM config of Stable Diffusion 2.1
const ignored: ReadonlySet<string> = new Set([
  "skip_prk_steps",
  ...[...entries.values()].flatMap(({ fields }) => Object.keys(fields)),
]);

export const schedulerClasses: readonly string[] = [...entries.keys()];

/**
 * The scheduler that a diffusers `scheduler_config.json` describes. With `className` another class
 * on the same noise levels, as diffusers' `from_config` has it.
 * Throws `not-supported` with the field and its value.
 */
export function schedulerFromConfig(
  config: RawConfig,
  options: { readonly className?: string } = {},
): Scheduler {
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
