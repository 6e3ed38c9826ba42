import { flowConfig, isFlow } from "./flow-config";
import { type ReadScheduler, readScheduler } from "./registry";

/** What training needs of any sampler's config: its noise levels, in the model's coordinates. */
export const trainingScheduler = (config: Readonly<Record<string, unknown>>): ReadScheduler =>
  isFlow(config)
    ? readScheduler(flowConfig(config))
    : readScheduler(config, { className: "DDPMScheduler" });
