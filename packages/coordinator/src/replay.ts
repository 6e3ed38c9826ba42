import { isDeepStrictEqual } from "node:util";
import type { ExperimentRecord, Phase } from "@tandem/core/experiment";
import { blobHash } from "@tandem/core/ids";
import type { Payload } from "@tandem/core/payload";
import { createRng } from "@tandem/core/rng";
import type { BlobStore, ExperimentStore } from "@tandem/core/stores";
import type { ServerEnv, ServerHalf, ServerStep } from "@tandem/core/strategy";
import { decodePayload, encodePayload } from "@tandem/protocol/payload-codec";
import { sha256Hex } from "@tandem/protocol/sha256";
import { absentTeacher } from "./absent-teacher";
import { accumulateUploads, type Rounds, reviseClosed } from "./aggregate";
import { reduceRound } from "./round/round";
import { initialRound, type RoundEvent, roundState } from "./round/round-state";
import { liveClient } from "./runtime";

export type Replay = {
  /** Steps of the server that were computed again: prepare, conclude, teach. */
  readonly steps: number;
  /** Those whose state has other bytes than the stored one. */
  readonly differing: readonly { readonly sequence: number; readonly type: string }[];
  /** `round/hash` of every upload that an aggregate holds. */
  readonly taken: ReadonlySet<string>;
  /** The log leads to the stored state. */
  readonly isSameState: boolean;
};

/**
 * Computes an experiment's aggregates again, from its log and the uploads that it holds, as a server
 * would that nothing has ever befallen. Only of strategies that need no teacher.
 */
export async function replay(options: {
  readonly store: ExperimentStore;
  readonly blobs: BlobStore;
  readonly record: ExperimentRecord;
  readonly server: ServerHalf;
  readonly classes: readonly string[];
}): Promise<Replay> {
  const { store, blobs, record, server, classes } = options;
  const { id, config } = record;
  const rules = { ...config, lateRounds: server.late?.rounds ?? 0 };
  const clients = (await store.clients(id)).map((one) => [one.id, liveClient(one)] as const);
  const rounds = (await store.rounds(id)).map((one) => [one.round, one] as const);
  const differing: { sequence: number; type: string }[] = [];
  const taken = new Set<string>();
  let steps = 0;
  let now: Rounds = {
    clients: new Map(clients),
    rounds: new Map(rounds),
    server,
    state: initialRound,
  };
  for (const { sequence, event: stored } of await store.events(id)) {
    const event = stored as unknown as RoundEvent; // by the coordinator
    const work = workOf(event);
    const { status, phase } = now.state;
    if (work && status === "running" && phase === work.phase) {
      steps++;
      if (event.type === "aggregated")
        for (const hash of Object.values(now.state.answers))
          taken.add(`${now.state.round}/${hash}`);
      const { state } = await work.run(now);
      if ((await sha256Hex(encodePayload(state))) !== work.hash)
        differing.push({ sequence, type: event.type });
    }
    now = { ...now, state: reduceRound(rules, now.state, event).state };
  }
  const isSameState = isDeepStrictEqual(now.state, roundState(record.state));
  return { steps, differing, taken, isSameState };

  function workOf(event: RoundEvent) {
    type Run = (at: Rounds) => Promise<ServerStep>;
    const of = (phase: Phase, hash: string, run: Run) => ({ phase, hash, run });
    if (event.type === "prepared")
      return of("generating", event.state, async ({ state }) => {
        const env = environment(state.round, "generating");
        const base = state.strategyState ? await load(state.strategyState) : await server.init(env);
        return server.prepare(base, env);
      });
    if (event.type === "aggregated")
      return of("aggregating", event.state, async (at) => {
        const sum = await accumulateUploads(at, at.state, blobs);
        const env = environment(at.state.round, "aggregating");
        const step = await server.conclude(await load(at.state.strategyState), sum, env);
        return reviseClosed(at, step, blobs);
      });
    if (event.type === "taught")
      return of("teaching", event.state, async ({ state }) =>
        server.teach(await load(state.strategyState), environment(state.round, "teaching")),
      );
    return undefined;
  }

  async function load(hash: string | null): Promise<Payload> {
    return decodePayload(await blobs.get(blobHash(hash ?? "")));
  }

  function environment(round: number, phase: Phase): ServerEnv {
    return {
      round,
      classes,
      teacher: absentTeacher,
      rng: createRng(`${config.seed}/${round}/${phase}`),
      signal: new AbortController().signal,
      progress() {},
    };
  }
}
