import type { ClientState } from "@tandem/client/messages";
import { formatDuration, listed } from "@tandem/core/format";

/** Which model a device has got, and why; undefined where it is not by the device. */
export function chosenText({
  architecture,
  chosen,
}: Pick<NonNullable<ClientState["assignment"]>, "architecture" | "chosen">): string | undefined {
  if (!chosen) return undefined;
  const { among, stepMs, budgetMs } = chosen;
  const begun = `Chosen for this device: ${architecture}`;
  const expected = `a training step of it is expected to take about ${formatDuration(stepMs)} here`;
  if (among.length < 2) return `${begun}, which all have; ${expected}.`;
  const [kind, limit] = [stepMs <= budgetMs ? "largest" : "smallest", formatDuration(budgetMs)];
  const why = stepMs <= budgetMs ? `that stays within ${limit}` : `as none stays within ${limit}`;
  return `${begun}, the ${kind} of ${listed(among, "and")} ${why}; ${expected}.`;
}
