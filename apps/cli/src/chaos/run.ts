import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { TandemError } from "@tandem/core/errors";
import { startNodeEngine } from "@tandem/engine/node";
import type { ExperimentView } from "@tandem/protocol/view";
import { strategyNamed } from "@tandem/strategies/registry";
import { freePort } from "../harness/server-process";
import type { Acknowledged } from "./befallen-channel";
import { startChaosClients } from "./clients";
import { killOf } from "./faults";
import type { Health } from "./health/verdict";
import { startSiege } from "./siege";
import type { Told } from "./strangers/process";
import { lootOf, openWorld } from "./world";

export type ChaosOptions = {
  readonly rounds: number;
  readonly fail: number;
  readonly killEvery: number;
  readonly seed: number;
  readonly clients: number;
  /** Connections at a time that nobody has asked for; of these kinds. */
  readonly strangers: number;
  readonly only: readonly string[];
  /** Seconds before they come. */
  readonly rest: number;
  readonly strategy: string;
  /** Seconds. */
  readonly deadline: number;
};

export type Played = {
  /** The server's data, until `forget`. */
  readonly directory: string;
  readonly experiment: string;
  readonly acknowledged: readonly Acknowledged[];
  readonly faults: ReadonlyMap<string, number>;
  readonly kills: number;
  /** By kind of stranger, if any came. */
  readonly told: Told;
  readonly health: Health | undefined;
  /** What else went wrong: clients that gave up, what strangers left on the server, processes that did not end. */
  readonly wrong: readonly string[];
  readonly seconds: number;
  forget(): Promise<void>;
};

const closingMs = 30_000;

/** Plays the experiment to its end; the server is killed, the clients and their lines are broken, strangers come. */
export async function runChaos(
  options: ChaosOptions,
  { say, signal }: { readonly say: (text: string) => void; readonly signal: AbortSignal },
): Promise<Played> {
  const { rounds, fail, killEvery, seed, clients: count, strangers, only, strategy } = options;
  const { needs } = strategyNamed(strategy);
  if (needs.teacher || needs.pooledData)
    throw new TandemError("bad-config", `${strategy} needs more than clients: use fedavg or fd.`);
  const deadlineMs = options.deadline * 1000;
  const directory = await mkdtemp(join(tmpdir(), "tandem-chaos-"));
  const port = await freePort();
  const started = Date.now();
  const acknowledged: Acknowledged[] = [];
  const faults = new Map<string, number>();
  const wrong: string[] = [];
  const closers: (() => Promise<void>)[] = [];
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse())
      await inTime(close()).catch((error: Error) => wrong.push(error.message));
  };
  const forget = () => rm(directory, { recursive: true, force: true });
  try {
    say("· starting the server …");
    const world = await openWorld({
      ...{ port, directory, deadlineMs, isVisited: strangers > 0 },
      honest: {
        name: "Chaos",
        strategy,
        dataset: "emoji-style",
        rounds,
        seed,
        slots: Math.max(12, Math.min(64, 2 * count + strangers)),
        minClients: count,
        quorum: 0.5,
        deadlineMs,
        strategyConfig: { localEpochs: 1, warmUpEpochs: 0 },
      },
    });
    const { api, around, experiment: id } = world;
    closers.push(() => world.server().stop());
    await startNodeEngine();
    const siege =
      around && startSiege({ seed, count: strangers, only, around }, world.server().pid);
    if (siege) closers.push(async () => void wrong.push(...(await siege.end())));
    say(`· ${count} clients join …`);
    const clients = await startChaosClients({
      experiment: id,
      port,
      slots: [...Array(count).keys()],
      seed,
      share: fail,
      deadlineMs,
      onAcknowledged: (upload) => acknowledged.push(upload),
      onTaken: (...taken) => siege?.find(lootOf(...taken)),
      onFault: (fault) => faults.set(fault, (faults.get(fault) ?? 0) + 1),
      onEnd: (reason, slot) => wrong.push(`client ${slot} gave up: ${reason}`),
    });
    closers.push(() => clients.stop());
    siege?.rest();
    const joined = Date.now();
    const mostMs = 600_000 + 4 * rounds * deadlineMs + 60_000 * (killEvery && rounds / killEvery);
    let [kills, killed, reported] = [0, 0, 0];
    for (;;) {
      signal.throwIfAborted();
      // The server may be away just now.
      const view = await api.view(id).catch(() => undefined);
      if (view?.status === "failed") throw new Error(`the experiment failed: ${view.error}`);
      if (view?.status === "finished") break;
      if (Date.now() - started > mostMs)
        throw new Error(`not done after ${Math.round(mostMs / 60_000)} min: round ${view?.round}`);
      const round = view?.round ?? 0;
      // Not before the first: one that is ready sooner than a client would have its place in it.
      if (round > 1 && (Date.now() - joined > 1000 * options.rest || round > rounds / 2))
        siege?.attack();
      if (view && round >= reported + 10) {
        reported = round - (round % 10);
        say(progressLine(view, rounds, { kills, acknowledged, started }));
      }
      const delay = round > killed ? killOf({ seed, every: killEvery }, round) : undefined;
      if (delay !== undefined) {
        killed = round;
        await sleep(delay);
        await world.server().kill();
        kills++;
        await world.restart();
      }
      await sleep(100);
    }
    const seconds = (Date.now() - started) / 1000;
    if (siege) wrong.push(...(await siege.end()), ...(await world.leftBehind()));
    const [told, health] = [siege?.told() ?? {}, siege?.health()];
    await closeAll();
    const played = { directory, experiment: id, acknowledged, faults, kills, told, health };
    return { ...played, wrong, seconds, forget };
  } catch (error) {
    await closeAll();
    await forget();
    throw error;
  }
}

/** What has begun to close, for half a minute. */
async function inTime(closing: Promise<unknown>): Promise<void> {
  const abort = new AbortController();
  const late = sleep(closingMs, undefined, { signal: abort.signal }).then(() => {
    throw new Error(`something had not closed after ${closingMs / 1000} s`);
  });
  late.catch(() => {}); // it has closed
  await Promise.race([closing, late]).finally(() => abort.abort());
}

function progressLine(
  { round, clients }: ExperimentView,
  rounds: number,
  now: {
    readonly kills: number;
    readonly acknowledged: readonly Acknowledged[];
    readonly started: number;
  },
): string {
  const here = clients.filter(({ status }) => !["left", "removed", "away"].includes(status)).length;
  const minutes = ((Date.now() - now.started) / 60_000).toFixed(1);
  return `round ${round} of ${rounds} after ${minutes} min: ${here} clients here, ${now.acknowledged.length} uploads acknowledged, server killed ${now.kills} times`;
}
