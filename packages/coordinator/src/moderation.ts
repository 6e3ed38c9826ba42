import { TandemError } from "@tandem/core/errors";
import type { ExperimentId } from "@tandem/core/ids";
import type { ExperimentView } from "@tandem/protocol/view";
import type { Attendance } from "./attendance";
import type { Commits } from "./commits";
import { isErased } from "./erased-record";
import type { Erasure } from "./erasure";
import { amongJoins, type Runtime } from "./runtime";
import { viewOf } from "./view";

/** What whoever runs an experiment does with its participants. */
export const createModeration = ({
  commits,
  attendance,
  erasure,
  runtime,
}: {
  readonly commits: Commits;
  readonly attendance: Attendance;
  readonly erasure: Erasure;
  readonly runtime: (id: ExperimentId) => Promise<Runtime>;
}) => ({
  /** Puts a participant out for good; throws `not-found`. */
  async removeClient(
    id: ExperimentId,
    client: string,
    bar: { readonly address: boolean },
  ): Promise<ExperimentView> {
    const target = await runtime(id);
    // What is kept of its token is kept before it is erased, or not at all.
    await amongJoins(target, async () => {
      const found = target.clients.get(client);
      if (!found || isErased(found.record))
        throw new TandemError("not-found", `Experiment ${id} has no participant ${client}.`);
      await attendance.remove(target, found, bar);
    });
    return viewOf(target);
  },
  /** Nothing of a participant is kept from now on; throws `not-found`. */
  async eraseClient(id: ExperimentId, client: string): Promise<ExperimentView> {
    const target = await runtime(id);
    await erasure.eraseClient(target, client);
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
