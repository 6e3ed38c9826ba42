import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { TandemError } from "@tandem/core/errors";
import { serveCompanion } from "../companion";
import { emptyTally, type Tally } from "./judge";
import { kinds } from "./kinds";
import {
  addressOfKind,
  createStranger,
  type Loot,
  type Stranger,
  type Surroundings,
} from "./stranger";

export type StrangersJob = {
  readonly seed: number;
  /** Connections at a time, spread over the kinds. */
  readonly count: number;
  /** Names of kinds. */
  readonly only: readonly string[];
  readonly around: Surroundings;
};

/** By kind. */
export type Told = Readonly<Record<string, Tally>>;

const [tellMs, mostMs, mostLoot] = [1000, 3_600_000, 500] as const;
/** For what is under way when they are stopped. */
const lastMs = 8000;

/** Sends strangers to a server on this machine until they are stopped, an hour at most. */
serveCompanion<StrangersJob, Loot, Told>(async (job, { signal: stopped, onNote, tell }) => {
  const { seed, count, only, around } = job;
  const { hostname } = new URL(around.url);
  if (hostname !== "127.0.0.1")
    throw new TandemError(
      "bad-config",
      `strangers are for this machine alone, not for ${hostname}`,
    );
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(mostMs)]);
  setMaxListeners(0, signal); // each of them waits for it
  const chosen = kinds.filter(({ name }) => only.includes(name));
  const told: Record<string, Tally> = {};
  for (const { name } of chosen) told[name] = emptyTally();
  const loot = { places: [], uploads: [] } as Record<"places" | "uploads", Loot[]>;
  onNote((found) => {
    const all = found.type === "place" ? loot.places : loot.uploads;
    all.push(found);
    if (all.length > mostLoot) all.shift();
  });

  async function come(index: number): Promise<void> {
    const kind = chosen[index % chosen.length];
    const address = addressOfKind(kinds.indexOf(kind));
    for (let visit = 0; !signal.aborted; visit++) {
      const stranger = await createStranger({
        seed: `${seed}/${index}/${visit}`,
        address,
        around,
        loot: loot as Stranger["loot"],
        tally: told[kind.name],
        signal,
      });
      await kind.visit(stranger);
      await stranger.pause(50);
    }
  }
  const all = Promise.all(Array.from({ length: count }, (_, index) => come(index)));
  while (!signal.aborted) {
    await tell(told);
    await Promise.race([sleep(tellMs, undefined, { signal }).catch(() => {}), all]);
  }
  await Promise.race([all, sleep(lastMs)]);
  await tell(told);
});
