import { isDeepStrictEqual } from "node:util";
import type { ExperimentRecord, Phase } from "@tandem/core/experiment";
import type { BlobStore, ExperimentStore } from "@tandem/core/stores";
import type { ServerEnv, ServerHalf } from "@tandem/core/strategy";
import { sha256Hex } from "@tandem/protocol/sha256";
import { absentTeacher } from "./absent-teacher";
import type { Rounds } from "./aggregate";
import { concludeHere } from "./concluding";
import { decodedStates } from "./decoded-states";
import { environmentOf } from "./environment";
import { stateOf } from "./round/checkpoint";
import { reduceRound } from "./round/round";
import { documentOf } from "./round/round-document";
import { initialRound, type RoundEvent } from "./round/round-state";
import { rulesOf } from "./runtime";
import { endOfStep, isStep, serverSteps } from "./steps";
import { readHere } from "./upload-reader";

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
  const rules = rulesOf({ record, server });
  const { seed } = config;
  const concluder = concludeHere(server);
  const steps = serverSteps({ server, concluder, seed, load: decodedStates(blobs), blobs });
  const clients = (await store.clients(id)).map((record) => [record.id, { record }] as const);
  const rounds = (await store.rounds(id)).map((one) => [one.round, one] as const);
  const differing: { sequence: number; type: string }[] = [];
  const taken = new Set<string>();
  let count = 0;
  let now: Rounds = {
    clients: new Map(clients),
    rounds: new Map(rounds),
    server,
    uploads: readHere(server),
    state: initialRound,
  };
  const log = await store.events(id);
  for (const { sequence, event: stored } of log) {
    const event = stored as unknown as RoundEvent; // by the coordinator
    const { status, phase, round, answers } = now.state;
    if (status === "running" && isStep(phase) && event.type === endOfStep[phase]) {
      count++;
      if (phase === "aggregating")
        for (const hash of answers.values()) taken.add(`${round}/${hash}`);
      const { state } = await steps[phase](now, environment(round, phase));
      if ((await sha256Hex(state)) !== event.state) differing.push({ sequence, type: event.type });
    }
    now = { ...now, state: reduceRound(rules, now.state, event).state };
  }
  const isSameState = isDeepStrictEqual(
    documentOf(now.state),
    documentOf(stateOf(rules, record, log)),
  );
  return { steps: count, differing, taken, isSameState };

  function environment(round: number, phase: Phase): ServerEnv {
    return environmentOf({
      seed,
      round,
      phase,
      classes,
      teacher: absentTeacher,
      signal: new AbortController().signal,
      progress() {},
    });
  }
}
