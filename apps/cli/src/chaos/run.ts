import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { TandemError } from "@tandem/core/errors";
import { startNodeEngine } from "@tandem/engine/node";
import type { ExperimentView } from "@tandem/protocol/view";
import { strategyNamed } from "@tandem/strategies/registry";
import { createApi } from "../harness/rest-client";
import { freePort, type ServerProcess, startServer } from "../harness/server-process";
import type { Acknowledged } from "./befallen-channel";
import { startChaosClients } from "./clients";
import { killOf } from "./faults";
import { type Stranger, startStranger, type Told } from "./stranger";

export type ChaosOptions = {
  readonly rounds: number;
  readonly fail: number;
  readonly killEvery: number;
  readonly seed: number;
  readonly clients: number;
  /** How many send nonsense meanwhile. */
  readonly strangers: number;
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
  readonly told: Told;
  /** Clients that gave up, and why. */
  readonly ended: readonly string[];
  readonly seconds: number;
  forget(): Promise<void>;
};

/** Plays the experiment to its end; the server is killed, the clients and their lines are broken. */
export async function runChaos(
  options: ChaosOptions,
  { say, signal }: { readonly say: (text: string) => void; readonly signal: AbortSignal },
): Promise<Played> {
  const { rounds, fail, killEvery, seed, clients: count, strangers, strategy, deadline } = options;
  const { needs } = strategyNamed(strategy);
  if (needs.teacher || needs.pooledData)
    throw new TandemError("bad-config", `${strategy} needs more than clients: use fedavg or fd.`);
  const deadlineMs = deadline * 1000;
  const directory = await mkdtemp(join(tmpdir(), "tandem-chaos-"));
  const port = await freePort();
  const started = Date.now();
  const acknowledged: Acknowledged[] = [];
  const faults = new Map<string, number>();
  const ended: string[] = [];
  const told: Told = { taken: 0, refused: 0, unanswered: 0, broken: [] };
  const closers: (() => Promise<void>)[] = [];
  let kills = 0;
  let server: ServerProcess | undefined;
  const start = async () => {
    server = await startServer({ port, directory, apiOnly: true });
  };
  const forget = () => rm(directory, { recursive: true, force: true });
  try {
    say("· starting the server …");
    await start();
    const api = createApi(`http://127.0.0.1:${port}`);
    const { id } = await api.create({
      name: "Chaos",
      strategy,
      dataset: "emoji-style",
      rounds,
      seed,
      slots: Math.max(12, count),
      minClients: count,
      quorum: 0.5,
      deadlineMs,
      strategyConfig: { localEpochs: 1, warmUpEpochs: 0 },
    });
    await api.start(id);
    await startNodeEngine();
    say(`· ${count} clients join …`);
    const clients = await startChaosClients({
      experiment: id,
      port,
      slots: [...Array(count).keys()],
      seed,
      share: fail,
      deadlineMs,
      onAcknowledged: (upload) => acknowledged.push(upload),
      onFault: (fault) => faults.set(fault, (faults.get(fault) ?? 0) + 1),
      onEnd: (reason, slot) => ended.push(`client ${slot}: ${reason}`),
    });
    closers.push(() => clients.stop());
    const hashes = () => acknowledged.map(({ hash }) => hash);
    const visiting: Stranger[] = [];
    const visit = () => {
      const url = `http://127.0.0.1:${port}`;
      const around = { url, experiment: id, hashes, told };
      const stranger = startStranger(`${seed}/${visiting.length}`, around);
      closers.unshift(() => stranger.stop());
      return stranger;
    };
    let killed = 0;
    let reported = 0;
    for (;;) {
      signal.throwIfAborted();
      // The server may be away just now.
      const view = await api.view(id).catch(() => undefined);
      if (view?.status === "failed") throw new Error(`the experiment failed: ${view.error}`);
      if (view?.status === "finished") break;
      const round = view?.round ?? 0;
      // Not before: one that is ready sooner than a client would have its place in the first round.
      if (round > 0) while (visiting.length < strangers) visiting.push(visit());
      if (view && round >= reported + 10) {
        reported = round - (round % 10);
        say(progressLine(view, rounds, { kills, acknowledged, started }));
      }
      const delay = round > killed ? killOf({ seed, every: killEvery }, round) : undefined;
      if (delay !== undefined) {
        killed = round;
        await sleep(delay);
        await server?.kill();
        kills++;
        await start();
      }
      await sleep(100);
    }
    const seconds = (Date.now() - started) / 1000;
    return { directory, experiment: id, acknowledged, faults, kills, told, ended, seconds, forget };
  } catch (error) {
    for (const close of closers.splice(0)) await close().catch(() => {});
    await server?.kill();
    await forget();
    throw error;
  } finally {
    for (const close of closers) await close();
    await server?.stop();
  }
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
