import type { Payload } from "@tandem/core/payload";
import type { ServerHalf } from "@tandem/core/strategy";
import { f32, type TensorData } from "@tandem/core/tensor";
import { counterServer } from "./world";

const nameOf = (client: string) => `believed/${client}`;

/** The counter, whose state names those who have answered; it waits for the gate before a phase ends, once. */
export function believing(wait?: {
  readonly phase: string;
  readonly gate: Promise<void>;
}): ServerHalf {
  const pass = async (phase: string) => {
    if (phase === wait?.phase) await wait.gate;
  };
  const arrays = (sum: Payload | undefined, more: Record<string, TensorData> = {}) => ({
    ...sum?.arrays,
    ...more,
  });
  return {
    ...counterServer,
    instruct: ({ meta }) => ({ arrays: {}, meta }),
    accumulate: (sum, update) => ({
      ...counterServer.accumulate(sum, update),
      arrays: arrays(sum, { [nameOf(update.client.id)]: f32([1], [1]) }),
    }),
    merge: (a, b) => ({ ...counterServer.merge(a, b), arrays: { ...a.arrays, ...b.arrays } }),
    async conclude(state, sum, env) {
      const step = await counterServer.conclude(state, sum, env);
      await pass("aggregating");
      return { ...step, state: { ...step.state, arrays: arrays(state, { ...sum.arrays }) } };
    },
    async teach(state) {
      await pass("teaching");
      return { state, metrics: {} };
    },
    forget(state, clients) {
      const all = Object.entries(state.arrays);
      const rest = all.filter(([name]) => !clients.some((client) => name === nameOf(client)));
      return rest.length === all.length
        ? undefined
        : { ...state, arrays: Object.fromEntries(rest) };
    },
  };
}
