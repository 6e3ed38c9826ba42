import type { ExperimentId } from "@tandem/core/ids";
import type { Change, ExperimentStore } from "@tandem/core/stores";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient, createWorld, experiment, openCoordinator, until } from "./world";

type Crash = {
  readonly at: number;
  readonly written: boolean;
  /** The store fails this once, and the process lives on. */
  readonly passes?: boolean;
};

/** A store whose process dies at a commit, before or after it is written. */
function crashing(store: ExperimentStore, crash: Crash | undefined) {
  const seen = { commits: 0, dead: false };
  const commit = async (id: ExperimentId, change: Change) => {
    if (seen.dead) throw new Error("crash");
    seen.commits++;
    if (seen.commits !== crash?.at) return store.commit(id, change);
    seen.dead = !crash.passes;
    if (crash.written) await store.commit(id, change);
    throw new Error("crash");
  };
  return { seen, store: { ...store, commit } };
}

async function runThrough(kept: ExperimentStore, crash?: Crash) {
  const world = createWorld({ store: kept });
  const { seen, store } = crashing(world.store, crash);
  let coordinator = openCoordinator({ ...world, store });
  const { id } = await coordinator.create(experiment({ deadlineMs: 3_600_000 }));
  const connect = (tokens: readonly (string | undefined)[]) =>
    tokens.map((token, slot) =>
      createClient(world, coordinator, id, { slot, ...(token && { token }) }),
    );
  let clients = connect([undefined, undefined, undefined]);
  const joined = new Set<unknown>();
  await until(world, async () => {
    if (seen.dead) {
      await coordinator.close();
      seen.dead = false;
      coordinator = openCoordinator(world);
      await coordinator.recover();
      clients = connect(clients.map((client) => client.token()));
    }
    for (const client of clients)
      if (!joined.has(client) && (await client.join().catch(() => false))) joined.add(client);
    const { status } = await coordinator.view(id);
    if (status === "draft" && !seen.dead) await coordinator.start(id).catch(() => {});
    return status === "finished" && !seen.dead;
  });
  const { state } = await world.store.get(id);
  const uploads = (await coordinator.view(id)).rounds.map((round) => round.uploads);
  await coordinator.close();
  await kept.remove(id);
  return { hash: state.strategyState, uploads, commits: seen.commits };
}

/** What must hold whatever keeps the experiments; tried at each `stride`th commit. */
export function crashContract(
  name: string,
  open: () => Promise<ExperimentStore>,
  { stride = 1 } = {},
): void {
  describe(`a coordinator on ${name}`, () => {
    let store: ExperimentStore;
    beforeAll(async () => {
      store = await open();
    }, 120_000);
    afterAll(() => store.close());

    it.each(
      [false, true].flatMap((written) => [
        { what: "a store that fails", when: written ? "after" : "before", written, passes: true },
        { what: "a crash", when: written ? "after" : "before", written, passes: false },
      ]),
    )("$what at any commit, $when it is written, changes nothing", async ({ written, passes }) => {
      const { hash, uploads, commits } = await runThrough(store);
      expect(uploads).toEqual([3, 3, 3]);
      for (let at = written ? 1 : stride; at <= commits; at += stride) {
        const disturbed = await runThrough(store, { at, written, passes });
        expect({ at, ...disturbed }).toMatchObject({ at, hash, uploads });
      }
    });
  });
}
