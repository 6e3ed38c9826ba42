import type { ExperimentLabels } from "@tandem/core/experiment";
import type { ExperimentId } from "@tandem/core/ids";
import type { ExperimentView } from "@tandem/protocol/view";
import type { CoordinatorOptions } from "./ports";
import { inTurn, type Runtime } from "./runtime";
import { viewOf } from "./view";

/** Changes what people note about an experiment; it is no event of it, and puts nothing off that is due. */
export const labelling =
  (
    runtime: (id: ExperimentId) => Promise<Runtime>,
    {
      store,
      changed,
    }: Pick<CoordinatorOptions, "store"> & { readonly changed: (target: Runtime) => void },
  ) =>
  async (id: ExperimentId, change: Partial<ExperimentLabels>): Promise<ExperimentView> => {
    const target = await runtime(id);
    // Among its events: each of them writes the record anew.
    await inTurn(target, async () => {
      await store.commit(id, { experiment: change });
      target.record = { ...target.record, ...change };
    });
    changed(target);
    return viewOf(target);
  };
