import type { RoundRecord } from "@tandem/core/experiment";
import { blobHash } from "@tandem/core/ids";
import type { BlobStore, Erased, ExperimentStore } from "@tandem/core/stores";
import { decodePayload, encodePayload } from "@tandem/protocol/payload-codec";
import type { LiveClient } from "./live-client";
import { withoutTraces } from "./round/erased";
import type { RoundEvent, RoundState } from "./round/round-state";
import type { Runtime } from "./runtime";

/** Whose: clients, hashes of tokens and addresses that are kept out, and ids of applicants. */
export type Whose = {
  readonly clients: readonly LiveClient[];
  readonly keys: readonly string[];
  readonly applicants: readonly string[];
  /** Of everybody, those too of whom there is no record. */
  readonly isAll?: boolean;
};

/** What has to be written so that nothing of them is stored. */
export type Erasing = {
  /** As it would be if it had never held their keys, nor a state of the strategy that tells of them. */
  readonly state: RoundState;
  readonly rounds: readonly RoundRecord[];
  readonly erased: Erased;
  /** Names of blobs that nothing of theirs needs any more. */
  readonly blobs: readonly string[];
  readonly isRevised: boolean;
};

/** Puts what the strategy's states are without them; all else is for the commit. */
export async function erasingOf(
  { store, blobs }: { readonly store: Pick<ExperimentStore, "events">; readonly blobs: BlobStore },
  runtime: Runtime,
  { clients, keys: tokens, applicants, isAll = false }: Whose,
): Promise<Erasing> {
  const ids = clients.map(({ record }) => record.id);
  const own = new Set<string>(ids);
  const keys = new Set(tokens);
  const log = await store.events(runtime.record.id);
  const stored = log.map(({ event }) => event as unknown as RoundEvent); // by `commits`
  const states = await withoutThem(runtime, blobs, statesOf(runtime, stored), ids);
  const isOwn = (client: string) => isAll || own.has(client);
  const traces = { isOwn, keys, states };
  const uploads = stored.flatMap((event) =>
    (event.type === "uploaded" || event.type === "late") && isOwn(event.client) ? [event.hash] : [],
  );
  const { strategyState, barred } = runtime.state;
  return {
    state: {
      ...runtime.state,
      strategyState: (strategyState && states.get(strategyState)) ?? strategyState,
      barred: barred.filter((key) => !keys.has(key)),
    },
    rounds: [...runtime.rounds.values()].flatMap((round) => {
      const stateHash = round.stateHash && states.get(round.stateHash);
      return stateHash === undefined ? [] : [{ ...round, stateHash: blobHash(stateHash) }];
    }),
    erased: {
      clients: ids,
      applicants,
      events: log.flatMap((record, i) => {
        const event = withoutTraces(stored[i], traces);
        return event === stored[i] ? [] : [{ ...record, event: { ...event } }];
      }),
    },
    blobs: [...uploads, ...states.keys()].filter((hash) => /^[0-9a-f]{64}$/.test(hash)),
    isRevised: strategyState !== null && states.has(strategyState),
  };
}

function statesOf({ state, rounds }: Runtime, log: readonly RoundEvent[]): ReadonlySet<string> {
  const ends = [...rounds.values()].flatMap(({ stateHash }) => stateHash ?? []);
  const steps = log.flatMap((event) => ("state" in event ? [event.state] : []));
  return new Set([...steps, ...ends, ...(state.strategyState ? [state.strategyState] : [])]);
}

/** New names of those states that tell of the clients, by their old ones. */
async function withoutThem(
  { server }: Runtime,
  blobs: BlobStore,
  states: ReadonlySet<string>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const renamed = new Map<string, string>();
  if (!server.forget || ids.length === 0) return renamed;
  for (const name of states) {
    const hash = blobHash(name);
    if (!(await blobs.has(hash))) continue; // someone has made room
    const rest = server.forget(decodePayload(await blobs.get(hash)), ids);
    if (rest) renamed.set(name, await blobs.put(encodePayload(rest)));
  }
  return renamed;
}
