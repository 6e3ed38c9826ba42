import { schedulerFromConfig } from "./registry";
import type { Scheduler } from "./scheduler";

/** Published folders of Stable Diffusion 1.x name a sampler that is not here: its successor takes over. */
const successors: Readonly<Record<string, string>> = {
  PNDMScheduler: "DPMSolverMultistepScheduler",
};

/** The sampler of a config, or of `className` on the same noise levels; its `className` says which. */
export function samplingScheduler(
  config: Readonly<Record<string, unknown>>,
  className?: string,
): Scheduler {
  const wanted = className ?? successors[String(config._class_name)];
  return schedulerFromConfig(config, wanted ? { className: wanted } : {});
}
