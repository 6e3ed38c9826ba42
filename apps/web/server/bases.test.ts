import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openOwnData } from "@tandem/client/own-data";
import { openCoordinator, randomNames } from "@tandem/coordinator/testing/world";
import type { LabelledSet } from "@tandem/core/data";
import { systemClock } from "@tandem/core/system-clock";
import type { Task, TaskTeacher } from "@tandem/core/task";
import { federateTask } from "@tandem/datasets/task/federate-task";
import { fruit, fruitSet } from "@tandem/datasets/testing/fruit-task";
import { loadState } from "@tandem/diffusion/training/state";
import { startNodeEngine } from "@tandem/engine/node";
import { taskZip } from "@tandem/intake/task/write-task";
import { experimentConfig } from "@tandem/protocol/experiment-config";
import type { PreparationView, TaskUploadView, TaskView } from "@tandem/protocol/view";
import { simulate } from "@tandem/simulation/simulate";
import { createMemoryBlobs } from "@tandem/storage/memory-blobs";
import { createMemoryClientStore } from "@tandem/storage/memory-client";
import { createMemoryExperiments } from "@tandem/storage/memory-experiments";
import { createMemoryTasks } from "@tandem/storage/memory-tasks";
import { startTeacherProcess } from "@tandem/teacher/process";
import { decode } from "fast-png";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { apiRoutes } from "./api-routes";
import { preparationRoutes } from "./preparation-routes";
import { taskRoutes } from "./task-routes";
import { memoryTasks, testBases } from "./testing/memory-tasks";
import { serveRest } from "./testing/rest";
import { createWorlds } from "./worlds";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tandem-teachers-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
});
const json = JSON.stringify;
const eight = fruitSet(4);
const trial = experimentConfig.parse({ name: "Trial", strategy: "synthetic-only" });

/** A server with one task, whose bases lie in the test's folder; more servers may share its stores. */
async function open(
  stores = {
    experiments: createMemoryExperiments(),
    blobs: createMemoryBlobs(),
    kept: createMemoryTasks(),
  },
) {
  const { experiments, blobs, kept } = stores;
  const pids: number[] = [];
  let isKilled = false;
  const onStart = (pid: number) => {
    pids.push(pid);
    if (isKilled) process.kill(pid, "SIGKILL");
  };
  const killAtStart = () => {
    isKilled = true;
  };
  const bases = testBases({ tasks: kept, blobs, directory, saveSeconds: 1, onStart });
  const worlds = createWorlds({
    tasks: kept,
    blobs,
    bases,
    environment: {},
    startTeacher: (_, options) => startTeacherProcess({ ...options, threads: 1 }),
  });
  const coordinator = openCoordinator({
    store: experiments,
    blobs,
    clock: systemClock,
    random: randomNames(),
  });
  const tasks = memoryTasks({ experiments, blobs, bases }, kept);
  const disclosureOf = () => undefined;
  onTestFinished(async () => {
    await coordinator.close();
    await worlds.close();
    await bases.close();
  });
  const { ask, given, refusal } = await serveRest([
    ...apiRoutes({
      ...{ coordinator, store: experiments, strategies: [], disclosureOf, tasks },
      costs: async () => false,
    }),
    ...taskRoutes(tasks),
    ...preparationRoutes({ tasks, store: kept, bases, spend: async () => {} }),
  ]);
  /** A task with a public set. */
  async function define(name: string, set: LabelledSet | null = eight): Promise<string> {
    const task: Task = { ...fruit, name };
    const { id } = await given<TaskView>("POST", "tasks", json(task));
    if (set) await given("POST", `tasks/${id}/public`, taskZip(task, { public: set }));
    return id;
  }
  const prepare = (id: string, request: object) =>
    given<PreparationView>("POST", `tasks/${id}/prepare`, json(request));
  const look = (id: string) => given<PreparationView>("GET", `tasks/${id}/prepare`);
  const step = async (id: string) => (await look(id)).step ?? 0;
  const until = (id: string, state: PreparationView["state"]) =>
    expect.poll(() => look(id), { timeout: 50_000, interval: 100 }).toMatchObject({ state });
  /** Steps, of which some are saved, and a sheet. */
  const saved = (id: string) =>
    expect
      .poll(() => look(id), { timeout: 50_000, interval: 50 })
      .toMatchObject({ state: "running", sheet: expect.any(String) });
  const choose = (name: string, teacher: TaskTeacher) => json({ ...fruit, name, teacher });
  return {
    ...{ stores, bases, worlds, pids, killAtStart, ask, given, refusal },
    ...{ define, prepare, look, step, until, saved, choose },
  };
}

test("a base is trained with progress and samples, is stopped and goes on until it can be the teacher", async () => {
  const { ask, given, refusal, define, prepare, look, until, saved, choose } = await open();
  const id = await define("Fruit");
  expect(await look(id)).toEqual({ state: "none", ready: false });
  const trained = choose("Fruit", { kind: "trained" });
  expect(await refusal("PUT", `tasks/${id}`, trained)).toMatch(
    /^400 bad-config teacher: “Fruit” has no base of its own yet: .*train one/,
  );
  expect(await refusal("GET", `tasks/${id}/prepare/sheet.png`)).toMatch(/^404 not-found/);

  expect(await prepare(id, { steps: 2000 })).toMatchObject({
    state: "running",
    limit: { steps: 2000 },
  });
  await saved(id);
  const running = await look(id);
  expect(running).toMatchObject({ ready: false, loss: expect.any(Number) });
  expect(running.samplesPerSecond).toBeGreaterThan(0);
  expect(running.secondsLeft).toBeGreaterThan(0);
  const response = await ask("GET", (running.sheet ?? "").replace("/api/", ""));
  expect(response.headers.get("content-type")).toBe("image/png");
  const { width } = decode(new Uint8Array(await response.arrayBuffer()));
  expect(width).toBe(4 * 16);
  expect(await refusal("PUT", `tasks/${id}`, trained)).toMatch(/^409 .*is being trained: wait/);
  const words = json({ ...fruit, prompts: { kind: "captions" } });
  expect(await refusal("PUT", `tasks/${id}`, words)).toMatch(/^409 .*from “Fruit” as it is/);
  expect(await refusal("DELETE", `tasks/${id}/public`)).toMatch(/^409 .*from “Fruit” as it is/);

  const stopped = await given<PreparationView>("DELETE", `tasks/${id}/prepare`);
  expect(stopped).toMatchObject({ state: "paused", ready: false });
  expect(stopped).not.toHaveProperty("secondsLeft");
  const { step = 0 } = stopped;
  expect(step).toBeGreaterThan(0);
  expect(step).toBeLessThan(2000);
  expect(await look(id)).toEqual(stopped);
  await prepare(id, { steps: step + 3 });
  await until(id, "done");
  expect(await look(id)).toMatchObject({ ready: true, step: step + 3, fraction: 1 });
  expect(await readdir(join(directory, id))).toEqual(["model"]);

  await given("PUT", `tasks/${id}`, trained);
  expect(await look(id)).not.toHaveProperty("barred");
  const experiment = json({ name: "Trial", strategy: "counter", dataset: id });
  await given("POST", "experiments", experiment);
  expect(await refusal("POST", `tasks/${id}/prepare`, "{}")).toMatch(/^409 conflict .*“Trial”/);
  expect((await look(id)).barred).toMatch(/“Trial”.*stays as it is: remove that/);
});

test("an experiment paints with the base that was trained for its task", async () => {
  const { worlds, stores, given, define, prepare, until, choose } = await open();
  const id = await define("Fruit");
  await prepare(id, { steps: 1 });
  await until(id, "done");
  await given("PUT", `tasks/${id}`, choose("Fruit", { kind: "trained" }));
  await startNodeEngine({ prefer: "wasm" });
  const strategyConfig = { items: 8, samplingSteps: 1, localEpochs: 1, transferEpochs: 1 };
  const { view } = await simulate({
    config: {
      ...{ name: "Trial", strategy: "synthetic-only", strategyConfig, dataset: id },
      ...{ rounds: 1, slots: 1, minClients: 1, deadlineMs: 600_000 },
    },
    clients: 1,
    own: [await openOwnData(createMemoryClientStore(), id).keep(fruitSet(10))],
    async federate(config, blobs) {
      await worlds.federate(config, blobs); // refuses what cannot run
      return federateTask(await stores.kept.get(id), eight, config, blobs);
    },
    teacher: () => worlds.teacher({ ...trial, dataset: id }),
    clock: systemClock,
  });
  expect(view).toMatchObject({ status: "finished", rounds: [{ gallery: true, uploads: 1 }] });
});

test("a training whose process is killed goes on from its checkpoint, and fails if it has none", async () => {
  const first = await open();
  const id = await first.define("Fruit");
  await first.prepare(id, { steps: 100_000 });
  const state = join(directory, id, "training/state.safetensors");
  const checkpoint = () =>
    loadState(state)
      .then(({ step }) => step)
      .catch(() => 0);
  await expect.poll(checkpoint, { timeout: 50_000 }).toBeGreaterThan(3);
  process.kill(first.pids[0], "SIGKILL");
  await expect.poll(() => first.pids.length, { timeout: 20_000 }).toBe(2);
  const kept = await checkpoint();
  const killedAt = await first.step(id);
  await expect.poll(() => first.step(id), { timeout: 40_000 }).not.toBe(killedAt);
  expect(await first.step(id)).toBeGreaterThan(kept);
  await first.given("DELETE", `tasks/${id}/prepare`);

  const other = await first.define("Herbs");
  first.killAtStart();
  await first.prepare(other, {});
  await first.until(other, "failed");
  expect(first.pids).toHaveLength(2 + 3);
  expect((await first.look(other)).problem).toMatch(/^The training process ended \(SIGKILL\)/);
});

test("a server that was stopped goes on with its training, unless somebody had stopped that", async () => {
  const first = await open();
  const id = await first.define("Fruit");
  await first.prepare(id, { steps: 100_000 });
  await first.saved(id);
  await first.bases.close();
  const left = await first.step(id);
  expect(left).toBeGreaterThan(0);
  const second = await open(first.stores);
  expect(await second.look(id)).toMatchObject({ state: "paused", step: left });
  await second.bases.recover();
  await expect.poll(() => second.step(id), { timeout: 40_000 }).toBeGreaterThan(left);
  expect(await second.step(id)).toBeLessThan(left + 100);
  const stopped = await second.given<PreparationView>("DELETE", `tasks/${id}/prepare`);
  expect(stopped.state).toBe("paused");
  const third = await open(first.stores);
  await third.bases.recover();
  expect(await third.look(id)).toMatchObject({ state: "paused" }); // somebody stopped it
  expect(third.pids).toEqual([]);

  expect((await third.ask("DELETE", `tasks/${id}`)).status).toBe(204);
  expect(await readdir(directory)).toEqual([]);
});

test("one base is trained at a time; what cannot be asked for is refused with the reason", async () => {
  const { given, refusal, define, prepare, until, ask, pids, look } = await open();
  const [id, other, bare] = [
    await define("Fruit"),
    await define("Herbs"),
    await define("Bare", null),
  ];
  const asked = (body: object, of = id) => refusal("POST", `tasks/${of}/prepare`, json(body));
  expect(await asked({ minutes: 0 })).toMatch(/^400 bad-config minutes: /);
  expect(await asked({ minutes: 721 })).toMatch(/^400 bad-config minutes: /);
  expect(await asked({ steps: 1.5 })).toMatch(/^400 bad-config steps: /);
  expect(await asked({ steps: 200_001 })).toMatch(/^400 bad-config steps: /);
  expect(await asked({ steps: 1, minutes: 1 })).toMatch(/^400 bad-config minutes or steps/);
  expect(await asked({ epochs: 1 })).toMatch(/^400 bad-config .*epochs/);
  expect(await asked({ from: "../.." })).toMatch(/^400 bad-config from: /);
  expect(await asked({ from: "nobody" })).toMatch(/no base nobody: use one of .*fmnist/);
  expect(await asked({ from: "emoji-style" })).toMatch(/32 x 32 pixels, and bases for 16 x 16/);
  expect(await asked({}, bare)).toMatch(/^400 bad-config “Bare” has no public set/);
  expect(await asked({}, "task-ffffffffffffffff")).toMatch(/^404 not-found/);
  expect(pids).toEqual([]);

  expect(await prepare(id, {})).toMatchObject({ limit: { minutes: 20 } });
  expect(await asked({})).toMatch(/^409 conflict the base of “Fruit” is being trained already/);
  expect(await asked({}, other)).toMatch(/^409 conflict .*one base at a time, now that of “Fruit”/);
  expect((await look(other)).barred).toMatch(/one base at a time, now that of “Fruit”/);
  expect(await look(id)).not.toHaveProperty("barred");
  await given("DELETE", `tasks/${id}/prepare`);
  expect(await asked({ from: "fmnist" })).toMatch(/^409 conflict from: .*began with random/);
  expect(await prepare(id, { from: "fmnist", anew: true, steps: 1 })).toMatchObject({
    from: "fmnist",
  });
  await until(id, "done");
  expect(await look(id)).toMatchObject({ ready: true, step: 1, from: "fmnist" });

  const trained = json({ ...fruit, teacher: { kind: "trained" } });
  await given("PUT", `tasks/${id}`, trained);
  const exported = new Uint8Array(await (await ask("GET", `tasks/${id}/export.zip`)).arrayBuffer());
  const copy = await given<TaskUploadView>("POST", "tasks/import", exported);
  expect(copy.task).toMatchObject({ task: { teacher: { kind: "none" } } });
  expect(copy.leftOut[0]).toMatchObject({ path: "task.json" });
  await given("POST", `tasks/${id}/public`, taskZip(fruit, { public: fruitSet(5) }));
  expect(await look(id)).toMatchObject({
    state: "done",
    ready: false,
    problem: expect.stringMatching(/from another public set.*train it again/),
  });
});
