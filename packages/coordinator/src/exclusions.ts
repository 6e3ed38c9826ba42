import { TandemError } from "@tandem/core/errors";
import type { ExperimentId } from "@tandem/core/ids";
import type { ExperimentView } from "@tandem/protocol/view";
import type { Attendance } from "./attendance";
import type { Commits } from "./commits";
import type { Runtime } from "./runtime";
import { viewOf } from "./view";

/** Whom whoever runs an experiment keeps out of it. */
export const createExclusions = ({
  commits,
  attendance,
  runtime,
}: {
  readonly commits: Commits;
  readonly attendance: Attendance;
  readonly runtime: (id: ExperimentId) => Promise<Runtime>;
}) => ({
  /** Puts a participant out for good; throws `not-found`. */
  async removeClient(
    id: ExperimentId,
    client: string,
    bar: { readonly address: boolean },
  ): Promise<ExperimentView> {
    const target = await runtime(id);
    const found = target.clients.get(client);
    if (!found)
      throw new TandemError("not-found", `Experiment ${id} has no participant ${client}.`);
    await attendance.remove(target, found, bar);
    return viewOf(target);
  },
  /** Newcomers of an address that was kept out may come again; throws `not-found`. */
  async readmit(id: ExperimentId, keptOut: string): Promise<void> {
    const target = await runtime(id);
    if (!target.state.keptOut.some((one) => one.id === keptOut))
      throw new TandemError(
        "not-found",
        `Experiment ${id} keeps no address out as ${keptOut.slice(0, 64)}.`,
      );
    await commits.dispatch(target, { type: "readmitted", keptOut });
  },
});
