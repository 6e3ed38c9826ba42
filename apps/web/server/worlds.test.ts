import { absentTeacher } from "@tandem/coordinator/absent-teacher";
import type { TaskRecord } from "@tandem/core/task";
import { federate } from "@tandem/datasets/federation/federate";
import { loadDataset } from "@tandem/datasets/registry";
import { putSet } from "@tandem/datasets/task/put-set";
import { backbone, encoder, fruit, fruitSet } from "@tandem/datasets/testing/fruit-task";
import { experimentConfig } from "@tandem/protocol/experiment-config";
import { createMemoryBlobs } from "@tandem/storage/memory-blobs";
import { createMemoryTasks } from "@tandem/storage/memory-tasks";
import { expect, test } from "vitest";
import { testBases } from "./testing/memory-tasks";
import { createWorlds } from "./worlds";

const id = "task-0123456789abcdef";
const shipped = { kind: "shipped", checkpoint: "emoji-style" } as const;

async function open(change: Partial<TaskRecord["task"]> = {}, hasPublic = true) {
  const [tasks, blobs] = [createMemoryTasks(), createMemoryBlobs()];
  const publicSet = await putSet(blobs, fruitSet(3));
  const task = { ...fruit, teacher: shipped, ...change };
  const record = { id, task, createdAt: 1, ...(hasPublic && { publicSet }) };
  await tasks.create(record);
  const started: string[] = [];
  const closed: string[] = [];
  const worlds = createWorlds({
    tasks,
    blobs,
    bases: testBases({ tasks, blobs }),
    environment: {},
    async startTeacher(name, options) {
      const of = `${name} ${options?.task?.task.name ?? options?.dataset}`;
      started.push(of);
      const close = async () => void closed.push(of);
      return { ...absentTeacher, close };
    },
  });
  const config = (strategy: string, dataset = id) =>
    experimentConfig.parse({ name: "Trial", strategy, dataset, slots: 3 });
  const refusal = (strategy: string) =>
    worlds.federate(config(strategy), blobs).then(
      () => "none",
      (error: Error) => error.message,
    );
  return { worlds, blobs, tasks, record, config, refusal, started, closed };
}

test("an experiment on a task has places for own data, and the task's teacher", async () => {
  const { worlds, blobs, config, started, closed, tasks, record } = await open();
  const data = await worlds.federate(config("fedmmkt"), blobs);
  expect(data.slots).toHaveLength(3);
  expect(data.own?.task).toBe(id);
  expect(data.classes).toEqual(["apple", "pear"]);
  await Promise.all([worlds.teacher(config("fedmmkt")), worlds.teacher(config("feddf"))]);
  expect(started).toEqual([`${id} Fruit`]);
  await tasks.replace({ ...record, task: { ...record.task, name: "Fruits" } });
  await worlds.teacher(config("fedmmkt"));
  expect(started.slice(1)).toEqual([`${id} Fruits`]);
  expect(closed).toEqual([`${id} Fruit`]); // nobody asks for it again
  const other = `task-${"1".repeat(16)}`;
  await tasks.create({ ...record, id: other });
  await tasks.remove(id);
  await worlds.teacher(config("fedmmkt", other));
  expect(closed).toEqual([`${id} Fruit`, `${id} Fruits`]); // of a task that is gone
  await worlds.close();
  expect(closed).toEqual(started);
});

test("a strategy that a task cannot serve is refused with what is missing", async () => {
  const bare = await open({ teacher: { kind: "none" } });
  expect(await bare.refusal("local")).toBe("none");
  expect(await bare.refusal("fedmmkt")).toMatch(
    /^strategy: FedMMKT needs a teacher, and “Fruit” has none/,
  );
  expect(await bare.refusal("centralised")).toMatch(/private samples of all clients in one place/);
  const untrained = await open({ teacher: { kind: "trained" } });
  expect(await untrained.refusal("local")).toBe("none");
  expect(await untrained.refusal("fedmmkt")).toMatch(/“Fruit” has no base of its own yet/);
  const lonely = await open({}, false);
  expect(await lonely.refusal("fedavg")).toBe("none");
  expect(await lonely.refusal("fedmmkt")).toMatch(/needs public pictures: add a public set/);
  const featured = await open({ backbone });
  expect(await featured.refusal("fedavg")).toBe("none");
  expect(await featured.refusal("fedktl")).toMatch(
    /^strategy: FedKTL feeds models pixels, and those of “Fruit” read its backbone's features/,
  );
  const trained = await open({ encoder });
  expect(await trained.refusal("fedavg")).toBe("none");
  const large = await open({ encoder: { ...encoder, parameters: 2_000_000 } });
  for (const strategy of ["fedavg", "fedprox", "feddf"])
    expect(await large.refusal(strategy)).toMatch(
      /^strategy: \w+ has every client upload all weights .* “Fruit” are 8\.00 MB, more than the 7\.34 MB/,
    );
  expect(await large.refusal("lg-fedavg")).toBe("none");
  const silent = await open({ publicLicence: "" });
  expect(await silent.refusal("local")).toMatch(/^publicLicence: /);
});

test("a data set that is none is refused, with those that there are", async () => {
  const { worlds, blobs, config } = await open();
  await expect(worlds.federate(config("local", "none"), blobs)).rejects.toMatchObject({
    code: "bad-config",
    message: expect.stringMatching(/^dataset: there is no none: .*emoji-style/),
  });
  await expect(
    worlds.federate(config("local", `task-${"0".repeat(16)}`), blobs),
  ).rejects.toMatchObject({
    code: "not-found",
  });
});

test("shipped data are dealt in a thread, with the same bytes as here, and what cannot be is refused", async () => {
  const { worlds, config } = await open();
  const [there, here] = [createMemoryBlobs(), createMemoryBlobs()];
  const asked = config("fedavg", "emoji-style");
  let longest = 0;
  let last = performance.now();
  const watch = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 5);
  const started = performance.now();
  const dealt = await worlds.federate(asked, there);
  const took = performance.now() - started;
  clearInterval(watch);
  expect(longest).toBeLessThan(took / 3);
  expect(dealt).toEqual(await federate(await loadDataset("emoji-style"), asked, here));
  for (const { shard } of dealt.slots) if (shard) expect(await there.has(shard.hash)).toBe(true);
  const many = { ...asked, slots: 64, alpha: 1000, dataset: "emoji-style" };
  const both = await Promise.all([worlds.federate(many, there), worlds.federate(asked, there)]);
  expect(both.map(({ slots }) => slots.length)).toEqual([64, 3]);
  await worlds.close();
  await expect(worlds.federate(asked, there)).rejects.toThrow("closing");
});
