import { schedulerFromConfig } from "./registry";
import type { Scheduler } from "./scheduler";

/** What training needs of any sampler's config: its noise levels, in the model's coordinates. */
export const trainingScheduler = (config: Readonly<Record<string, unknown>>): Scheduler =>
  config._class_name === "FlowMatchEulerDiscreteScheduler"
    ? schedulerFromConfig(config)
    : schedulerFromConfig(config, { className: "DDPMScheduler" });
