import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Phase } from "@tandem/core/experiment";
import { experimentId } from "@tandem/core/ids";
import { startNodeEngine } from "@tandem/engine/node";
import { openStores } from "@tandem/storage/open-stores";
import { placeTestDatabase } from "@tandem/storage/testing/test-database";
import { expect, onTestFinished, test } from "vitest";
import { startChaosClients } from "../chaos/clients";
import { createApi, follow, type NewExperiment } from "./rest-client";
import { freePort, startServer } from "./server-process";

type Blow = { readonly at: Phase; readonly to: "server" | "teacher" };

/** A server that can be killed, and FedMMKT with a teacher on it. */
async function openWorld() {
  const directory = await mkdtemp(join(tmpdir(), "tandem-crash-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  await placeTestDatabase(directory);
  await startNodeEngine();
  const port = await freePort();
  const start = () => startServer({ port, directory, apiOnly: true });
  let server = await start();
  onTestFinished(() => server.kill());
  const api = createApi(`http://127.0.0.1:${port}`);

  /** Plays two rounds; resolves with the experiment. */
  async function play(blows: readonly Blow[]): Promise<string> {
    const { id } = await api.create(experiment);
    const clients = await startChaosClients({
      experiment: id,
      port,
      slots: [0, 1],
      seed: 1,
      deadlineMs: 120_000,
      onEnd: (reason) => expect.fail(reason),
    });
    await api.start(id);
    for (const { at, to } of blows) {
      // A phase may be shorter than the usual pause between two looks.
      await follow(api, id, ({ phase }) => phase === at, { timeoutMs: 120_000, everyMs: 20 });
      if (to === "teacher") process.kill(teacherOf(server.pid), "SIGKILL");
      else {
        await server.kill();
        server = await start();
      }
    }
    await follow(api, id, ({ status }) => status === "finished", { timeoutMs: 120_000 });
    await clients.stop();
    return id;
  }

  /** What each step of the experiments has left, in order, once the server has stopped. */
  async function told(...ids: readonly string[]) {
    await server.stop();
    const { store } = await openStores({ directory, environment: {} });
    const logs = [];
    for (const id of ids) {
      const events = (await store.events(experimentId(id))).map(({ event }) => event);
      logs.push({
        steps: events.flatMap(({ type, state }) =>
          state === undefined ? [] : [`${type} ${state}`],
        ),
        recovered: events.filter(({ type }) => type === "recovered").length,
      });
    }
    await store.close();
    return logs;
  }
  return { play, told };
}

const experiment: NewExperiment = {
  name: "Crash",
  strategy: "fedmmkt",
  dataset: "emoji-style",
  rounds: 2,
  slots: 12,
  minClients: 2,
  deadlineMs: 120_000,
  strategyConfig: {
    localEpochs: 1,
    warmUpEpochs: 0,
    items: 16,
    samplingSteps: 2,
    transferEpochs: 1,
    finetuneSteps: 4,
    finetuneBatch: 4,
    evaluationItems: 8,
  },
};

function teacherOf(server: number): number {
  const processes = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" });
  const line = new RegExp(`^ *(\\d+) +${server} .*teacher/src/main`, "m").exec(processes);
  if (!line) throw new Error(`server ${server} has no teacher:\n${processes}`);
  return Number(line[1]);
}

test("a teacher and a server that are killed at work change no byte of the result", {
  timeout: 300_000,
}, async () => {
  const { play, told } = await openWorld();
  const first = await play([]);
  const second = await play([
    { at: "generating", to: "teacher" },
    { at: "collecting", to: "server" },
    { at: "teaching", to: "teacher" },
    { at: "generating", to: "server" },
    { at: "teaching", to: "server" },
  ]);
  const [undisturbed, disturbed] = await told(first, second);
  expect(undisturbed.steps).toHaveLength(6); // two rounds of three steps
  expect(undisturbed.recovered).toBe(0);
  expect(disturbed.recovered).toBe(3);
  expect(disturbed.steps).toEqual(undisturbed.steps);
});
