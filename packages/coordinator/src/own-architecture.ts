import type { ClientRecord } from "@tandem/core/experiment";
import type { OwnDataTerms } from "@tandem/core/federated-data";
import type { JoinReply } from "@tandem/protocol/events";
import type { Brought } from "./own-terms";

type Chosen = NonNullable<JoinReply["chosen"]>;
type Device = NonNullable<Brought["device"]>;

/** Milliseconds of a training step: a round of some hundred samples stays below a minute. */
export const stepBudgetMs = 100;
/** Of the step that a tab is tried with, where it was not measured: that of a common device. */
const usualStepMs: Readonly<Record<Device["backend"], number>> = {
  webgpu: 15,
  webgl: 25,
  wasm: 45,
  cpu: 800,
};
/** Below it other pages and the system take their turns with a training tab, GiB. */
const scarceMemory = 2;

/**
 * How long a training step of the architecture takes on a device by what its tab claims, ms; of scarce
 * memory it takes twice as long. One whose cost nobody says is as the step that the tab is tried with.
 */
function stepMsOf(architecture: string, steps: OwnDataTerms["steps"], device: Device): number {
  const { backend, stepMs = usualStepMs[backend], memory = scarceMemory } = device;
  return stepMs * (steps[architecture] ?? 1) * (memory < scarceMemory ? 2 : 1);
}

/** The largest whose training step stays within the budget, else the smallest; the first of equal ones. */
export function architectureFor(
  names: readonly string[],
  steps: OwnDataTerms["steps"],
  device: Device,
): string {
  const bySize = names
    .map((name) => ({ name, ms: stepMsOf(name, steps, device) }))
    .sort((a, b) => b.ms - a.ms);
  return (bySize.find(({ ms }) => ms <= stepBudgetMs) ?? bySize[bySize.length - 1]).name;
}

/** What a participant is told of it. */
export const chosenOf = (
  { architecture, modality }: Pick<ClientRecord, "architecture" | "modality">,
  { architectures, steps }: Pick<OwnDataTerms, "architectures" | "steps">,
  device: Device,
): Chosen => ({
  among: [...architectures[modality]],
  stepMs: Math.round(stepMsOf(architecture, steps, device)),
  budgetMs: stepBudgetMs,
});
