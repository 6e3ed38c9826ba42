import { ddpmFields } from "./ddpm";
import { flowConfig, isFlow } from "./flow-config";
import { noiseFields } from "./noise-levels";
import { type ReadScheduler, readScheduler } from "./registry";
import { isSampled } from "./sampling";

/** Fields of sampling alone. */
const samplingFields: ReadonlySet<string> = new Set(
  Object.keys(ddpmFields).filter((name) => !Object.hasOwn(noiseFields, name)),
);

/**
 * What training needs of a sampler's config: its noise levels, in the model's coordinates. Throws
 * `not-supported` for a class that cannot be sampled either: its levels need not be of these fields.
 */
export function trainingScheduler(config: Readonly<Record<string, unknown>>): ReadScheduler {
  if (isFlow(config)) return readScheduler(flowConfig(config));
  if (!isSampled(String(config._class_name))) return readScheduler(config);
  const noise = Object.entries(config).filter(([name]) => !samplingFields.has(name));
  return readScheduler(Object.fromEntries(noise), { className: "DDPMScheduler" });
}
