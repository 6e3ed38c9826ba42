import { checkFinite } from "@tandem/core/finite";
import type { Scheduler } from "./scheduler";

/** The same scheduler; its steps throw `bad-data` where an answer or a sample is no number. */
export const finiteSteps = (scheduler: Scheduler): Scheduler => ({
  ...scheduler,
  step(state, input) {
    const { index, timesteps } = state;
    const at = `step ${index + 1} of ${timesteps.length} (timestep ${timesteps[index]})`;
    checkFinite(`the model's answer at ${at}`, input.output, "its weights or its input are broken");
    const result = scheduler.step(state, input);
    checkFinite(`the sample after ${at}`, result.sample, `${scheduler.className} cannot go on`);
    return result;
  },
});
