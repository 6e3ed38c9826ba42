import { TandemError } from "@tandem/core/errors";
import { flowConfig, isFlow } from "./flow-config";
import { type ReadScheduler, readScheduler, schedulerClasses } from "./registry";

/** Who takes over for a class that is not here: the nearest on the same noise levels. */
const substitutes: ReadonlyMap<string, string> = new Map([
  // fast multistep solvers, PNDM of Stable Diffusion 1.x among them
  ["PNDMScheduler", "DPMSolverMultistepScheduler"],
  ["UniPCMultistepScheduler", "DPMSolverMultistepScheduler"],
  ["DEISMultistepScheduler", "DPMSolverMultistepScheduler"],
  ["DPMSolverSinglestepScheduler", "DPMSolverMultistepScheduler"],
  ["DPMSolverSDEScheduler", "DPMSolverMultistepScheduler"],
  ["SASolverScheduler", "DPMSolverMultistepScheduler"],
  // in σ
  ["EulerAncestralDiscreteScheduler", "EulerDiscreteScheduler"],
  ["HeunDiscreteScheduler", "EulerDiscreteScheduler"],
  ["KDPM2AncestralDiscreteScheduler", "EulerDiscreteScheduler"],
  ["KDPM2DiscreteScheduler", "EulerDiscreteScheduler"],
  ["LMSDiscreteScheduler", "EulerDiscreteScheduler"],
  ["DDIMParallelScheduler", "DDIMScheduler"],
  ["DDPMParallelScheduler", "DDPMScheduler"],
  ["TCDScheduler", "LCMScheduler"],
  ["FlowMatchHeunDiscreteScheduler", "FlowMatchEulerDiscreteScheduler"],
  ["FlowMatchLCMScheduler", "FlowMatchEulerDiscreteScheduler"],
]);

/** Whether a class is here, or has one that stands in for it. */
export const isSampled = (className: string): boolean =>
  schedulerClasses.includes(className) || substitutes.has(className);

/**
 * The sampler of a config, or of `className` on the same noise levels. A class that is not here is
 * stood in for, which a notice says. Throws `not-supported` for a class that nothing stands in for,
 * and where a flow would be sampled as noise or noise as a flow.
 */
export function samplingScheduler(
  config: Readonly<Record<string, unknown>>,
  className?: string,
): ReadScheduler {
  const named = String(config._class_name);
  const flow = isFlow(config);
  const own = flow ? flowConfig(config) : config;
  const fitting = flow ? String(own._class_name) : (substitutes.get(named) ?? named);
  const chosen = className ?? (isSampled(named) ? fitting : named);
  if (chosen.startsWith("FlowMatch") !== flow)
    throw new TandemError(
      "not-supported",
      `this model predicts ${flow ? "a flow" : "no flow"}: ${chosen} cannot sample it, use ${fitting}`,
    );
  const { scheduler, notices } = readScheduler(own, { className: chosen });
  const notice = `${named}${flow && !named.startsWith("Flow") ? " of a flow" : ""} is not here: ${chosen} samples in its place`;
  return { scheduler, notices: className || chosen === named ? notices : [notice, ...notices] };
}
