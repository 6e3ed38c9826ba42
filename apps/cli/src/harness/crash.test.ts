import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Phase } from "@tandem/core/experiment";
import { experimentId } from "@tandem/core/ids";
import { startNodeEngine } from "@tandem/engine/node";
import { openStores } from "@tandem/storage/open-stores";
import { expect, onTestFinished, test } from "vitest";
import { startChaosClients } from "../chaos/clients";
import { createApi, follow } from "./rest-client";
import { freePort, startServer } from "./server-process";

type Blow = { readonly at: Phase; readonly to: "server" | "teacher" };

/** Plays two rounds of FedMMKT with its teacher; what each step has left, in order. */
async function play(blows: readonly Blow[]) {
  const directory = await mkdtemp(join(tmpdir(), "tandem-crash-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const port = await freePort();
  let server = await startServer({ port, directory, apiOnly: true });
  onTestFinished(() => server.kill());
  const api = createApi(`http://127.0.0.1:${port}`);
  const { id } = await api.create({
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
  });
  await startNodeEngine();
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
    await follow(api, id, ({ phase }) => phase === at, { timeoutMs: 120_000 });
    if (to === "teacher") process.kill(teacherOf(server.pid), "SIGKILL");
    else {
      await server.kill();
      server = await startServer({ port, directory, apiOnly: true });
    }
  }
  await follow(api, id, ({ status }) => status === "finished", { timeoutMs: 120_000 });
  await clients.stop();
  await server.stop();
  const { store } = await openStores({ directory, environment: {} });
  const events = (await store.events(experimentId(id))).map(({ event }) => event);
  await store.close();
  return {
    steps: events.flatMap(({ type, state }) => (state === undefined ? [] : [`${type} ${state}`])),
    recovered: events.filter(({ type }) => type === "recovered").length,
  };
}

function teacherOf(server: number): number {
  const processes = execFileSync("ps", ["-eo", "pid=,ppid=,args="], { encoding: "utf8" });
  const line = new RegExp(`^ *(\\d+) +${server} .*teacher/src/main`, "m").exec(processes);
  if (!line) throw new Error(`server ${server} has no teacher:\n${processes}`);
  return Number(line[1]);
}

test("a teacher and a server that are killed at work change no byte of the result", {
  timeout: 300_000,
}, async () => {
  const undisturbed = await play([]);
  expect(undisturbed.steps).toHaveLength(6); // two rounds of three steps
  const disturbed = await play([
    { at: "generating", to: "teacher" },
    { at: "collecting", to: "server" },
    { at: "teaching", to: "teacher" },
    { at: "generating", to: "server" },
    { at: "teaching", to: "server" },
  ]);
  expect(disturbed.recovered).toBe(3);
  expect(disturbed.steps).toEqual(undisturbed.steps);
});
