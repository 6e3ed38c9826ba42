import type { ExperimentConfig } from "@tandem/core/experiment";
import type { Payload } from "@tandem/core/payload";
import type { Metrics, ServerEnv, ServerHalf } from "@tandem/core/strategy";
import { decodePayload, encodePayload } from "@tandem/protocol/payload-codec";
import { absentTeacher } from "./absent-teacher";
import { environmentOf } from "./environment";

/** A round's sum and what of earlier rounds has come late; states are as they are stored. */
export type Concluding = Pick<ServerEnv, "round" | "classes"> & {
  readonly seed: ExperimentConfig["seed"];
  readonly state: Uint8Array;
  readonly sum: Payload;
  /** Oldest first. */
  readonly late: readonly Revision[];
};
export type Revision = {
  /** The state that the round has ended with. */
  readonly past: Uint8Array;
  readonly sum: Payload;
  /** How many of the sum's uploads are new. */
  readonly uploads: number;
};
export type StoredStep = { readonly state: Uint8Array; readonly metrics: Metrics };

/** What takes a processor for long and needs no teacher, in this thread or in another. */
export type Concluder = {
  conclude(given: Concluding, told: Pick<ServerEnv, "signal" | "progress">): Promise<StoredStep>;
  /** The bytes that a state is stored as. */
  encode(state: Payload): Promise<Uint8Array>;
};

/** Does it in this thread. */
export const concludeHere = (server: Pick<ServerHalf, "conclude" | "late">): Concluder => ({
  async conclude({ state, sum, late, ...given }, told) {
    const phase = "aggregating" as const;
    const env = environmentOf({ ...given, ...told, phase, teacher: absentTeacher });
    const concluded = await server.conclude(decodePayload(state), sum, env);
    let { state: revised, metrics } = concluded;
    for (const { past, sum: again, uploads } of late) {
      if (!server.late) break;
      const step = server.late.revise(revised, decodePayload(past), again);
      const count = (metrics["uploads/late"] ?? 0) + uploads;
      metrics = { ...metrics, ...step.metrics, "uploads/late": count };
      revised = step.state;
    }
    return { state: encodePayload(revised), metrics };
  },
  encode: async (state) => encodePayload(state),
});
