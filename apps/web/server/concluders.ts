import {
  type Concluder,
  type Concluding,
  concludeHere,
  type StoredStep,
} from "@tandem/coordinator/concluding";
import { bytesOf } from "@tandem/coordinator/running-sum";
import type { JsonObject } from "@tandem/core/json";
import type { Payload } from "@tandem/core/payload";
import { strategyNamed } from "@tandem/strategies/registry";
import { createAskedThread } from "./asked-thread";
import { buffersOf, smallBytes } from "./upload-messages";

export type ToConcluder = { readonly strategy: string; readonly config: JsonObject } & (
  | { readonly type: "conclude"; readonly given: Concluding }
  | { readonly type: "encode"; readonly state: Payload }
);

/** How long the thread is kept after a round: the next one seldom takes longer. */
const idleMs = 600_000;

/** Ends rounds in a thread of its own, so that however many answers they have nobody waits for it. */
export function createConcluders() {
  const file = new URL("./conclude-thread.mjs", import.meta.url);
  const { ask, close } = createAskedThread<ToConcluder, StoredStep>({
    file,
    does: "ends rounds",
    idleMs,
  });
  return {
    concluder(strategy: string, config: JsonObject): Concluder {
      const { needs, server } = strategyNamed(strategy);
      const here = concludeHere(server(config));
      const of = { strategy, config };
      return {
        async conclude(given, told) {
          const { state, sum, late } = given;
          const isSmall = state.length + bytesOf(sum) <= smallBytes && late.length === 0;
          if (isSmall && !needs.trainsOnServer) return here.conclude(given, told);
          const sums = [sum, ...late.map((one) => one.sum)];
          const transfer = [...new Set(sums.flatMap(buffersOf))];
          return ask({ ...of, type: "conclude", given }, { ...told, transfer });
        },
        async encode(state) {
          if (bytesOf(state) <= smallBytes) return here.encode(state);
          return (await ask({ ...of, type: "encode", state })).state;
        },
      };
    },
    close,
  };
}
