import { openCoordinator, randomNames } from "@tandem/coordinator/testing/world";
import { systemClock } from "@tandem/core/system-clock";
import { backbone, encoder, fruit, fruitSet } from "@tandem/datasets/testing/fruit-task";
import { taskZip } from "@tandem/intake/task/write-task";
import { sheetColumns } from "@tandem/protocol/sheet";
import type { TaskUploadView, TaskView, TeachersView } from "@tandem/protocol/view";
import { createMemoryBlobs } from "@tandem/storage/memory-blobs";
import { createMemoryExperiments } from "@tandem/storage/memory-experiments";
import { createMemoryTasks } from "@tandem/storage/memory-tasks";
import { record } from "@tandem/storage/testing/records";
import { decode } from "fast-png";
import { zipSync } from "fflate";
import { expect, onTestFinished, test } from "vitest";
import { apiRoutes } from "./api-routes";
import { taskRoutes, teacherRoutes } from "./task-routes";
import { memoryTasks } from "./testing/memory-tasks";
import { serveRest } from "./testing/rest";

async function open() {
  const [store, blobs, kept] = [
    createMemoryExperiments(),
    createMemoryBlobs(),
    createMemoryTasks(),
  ];
  const coordinator = openCoordinator({ store, blobs, clock: systemClock, random: randomNames() });
  const tasks = memoryTasks({ experiments: store, blobs }, kept);
  const routes = [
    ...apiRoutes({
      ...{ coordinator, store, strategies: [], disclosureOf: () => undefined, tasks },
      costs: async () => false,
    }),
    ...taskRoutes(tasks),
    ...teacherRoutes({}),
  ];
  onTestFinished(() => coordinator.close());
  const { ask, given, refusal } = await serveRest(routes);
  const create = () => given<OwnTask>("POST", "tasks", JSON.stringify(fruit));
  const sets = { public: fruitSet(6), test: fruitSet(2) };
  return { ask, given, refusal, create, kept, blobs, whole: taskZip(fruit, sets) };
}
type OwnTask = Extract<TaskView, { data: "own" }>;
const json = JSON.stringify;

test("a task is created, changed and removed; shipped data sets are listed before it", async () => {
  const { given, ask, create, refusal } = await open();
  const made = await create();
  expect(made).toMatchObject({ data: "own", name: "Fruit", task: fruit, experiments: [] });
  expect(made.id).toMatch(/^task-[0-9a-f]{16}$/);
  expect(made).not.toHaveProperty("publicSet");
  const all = await given<TaskView[]>("GET", "tasks");
  expect(all.at(-1)).toEqual(made);
  expect(all[0]).toMatchObject({ id: "emoji-style", data: "dealt", name: "Emoji in four styles" });
  expect(all.slice(0, -1).every(({ data, description }) => data === "dealt" && description)).toBe(
    true,
  );
  const schema = await given<{ properties: { dataset: { enum: string[] } } }>(
    "GET",
    "experiment-schema",
  );
  expect(schema.properties.dataset.enum).toEqual(all.map(({ id }) => id));
  const name = "Fruit of the garden";
  const changed = await given<OwnTask>("PUT", `tasks/${made.id}`, json({ ...fruit, name }));
  expect(await given("GET", `tasks/${made.id}`)).toEqual(changed);
  expect(changed).toEqual({ ...made, name, task: { ...fruit, name } });
  expect((await ask("DELETE", `tasks/${made.id}`)).status).toBe(204);
  expect(await refusal("GET", `tasks/${made.id}`)).toMatch(/^404 not-found/);
  const trial = { name: "Trial", strategy: "counter", dataset: "fm-cap" };
  const { id } = await given<{ id: string }>("POST", "experiments", json(trial));
  expect(await given<TaskView>("GET", "tasks/fm-cap")).toMatchObject({
    data: "dealt",
    base: "fmnist",
    experiments: [{ id, name: "Trial" }],
  });
});

test.each([
  ["backbone", backbone],
  ["encoder", encoder],
])(
  "the %s of a task comes and goes with the definition, by REST and in a zip",
  async (key, model) => {
    const { given, ask, refusal } = await open();
    const made = await given<OwnTask>("POST", "tasks", json({ ...fruit, [key]: model }));
    expect(made.task).toMatchObject({ [key]: model });
    const zip = await (await ask("GET", `tasks/${made.id}/export.zip`)).bytes();
    const { task: copy } = await given<TaskUploadView>("POST", "tasks/import", zip);
    expect(copy).toMatchObject({ task: { [key]: model } });
    expect(await given("PUT", `tasks/${made.id}`, json(fruit))).toMatchObject({ task: fruit });
    expect((await given<OwnTask>("GET", `tasks/${made.id}`)).task).not.toHaveProperty(key);
    const http = { ...model, url: "http://models.example/model.json" };
    expect(await refusal("POST", "tasks", json({ ...fruit, [key]: http }))).toMatch(
      new RegExp(`^400 bad-config ${key}\\.url: .*https`),
    );
  },
);

test("sets come as zips, are shown as a sheet, and go", async () => {
  const { given, ask, create, whole, refusal } = await open();
  const { id } = await create();
  for (const folder of ["public", "test"] as const) {
    const { task, leftOut } = await given<TaskUploadView>("POST", `tasks/${id}/${folder}`, whole);
    const set =
      task.data === "own" ? { public: task.publicSet, test: task.test }[folder] : undefined;
    expect(set).toEqual({ samples: folder === "public" ? 12 : 4, bytes: expect.any(Number) });
    expect(leftOut.every(({ reason }) => /another part of the task/.test(reason))).toBe(true);
  }
  const sheet = await ask("GET", `tasks/${id}/sheet.png`);
  expect(sheet.headers.get("content-type")).toBe("image/png");
  const { width } = decode(new Uint8Array(await sheet.arrayBuffer()));
  expect(width).toBe(16 * sheetColumns(12));
  expect(await given<OwnTask>("GET", `tasks/${id}`)).toMatchObject({
    publicSet: { counts: [6, 6], hasPictures: true },
    test: { counts: [2, 2], hasPictures: true },
  });
  const left = await given<OwnTask>("DELETE", `tasks/${id}/public`);
  expect(left).not.toHaveProperty("publicSet");
  expect(left.test?.samples).toBe(4);
  expect(await refusal("GET", `tasks/${id}/sheet.png`)).toMatch(/404 .* has no public pictures/);
});

test("bases are listed with the size that they paint, and each has a sheet", async () => {
  const { given, ask, refusal } = await open();
  const { shipped, remote } = await given<TeachersView>("GET", "teachers");
  expect(remote).toBe(false);
  expect(shipped.find(({ name }) => name === "clipart")?.size).toEqual([32, 32]);
  const sheet = await ask("GET", "teachers/clipart/samples.png");
  expect(decode(new Uint8Array(await sheet.arrayBuffer())).width).toBe(256);
  for (const name of ["nobody", "..", "%2e%2e%2f..", "clipart%2Funet"])
    expect(await refusal("GET", `teachers/${name}/samples.png`)).toMatch(/^404 not-found/);
});

test("what is exported is imported as another task with the same sets", async () => {
  const { given, ask, create, whole, kept } = await open();
  const { id } = await create();
  for (const folder of ["public", "test"]) await given("POST", `tasks/${id}/${folder}`, whole);
  const exported = await ask("GET", `tasks/${id}/export.zip`);
  expect(exported.headers.get("content-disposition")).toContain('filename="Fruit.zip"');
  const bytes = new Uint8Array(await exported.arrayBuffer());
  const { task, leftOutCount } = await given<TaskUploadView>("POST", "tasks/import", bytes);
  expect(leftOutCount).toBe(0);
  expect(task.id).not.toBe(id);
  const [first, second] = [await kept.get(id), await kept.get(task.id)];
  expect(second.publicSet).toEqual(first.publicSet);
  expect(second.test).toEqual(first.test);
  expect(second.task).toEqual(fruit);
  const again = await ask("GET", `tasks/${task.id}/export.zip`);
  expect(Buffer.from(await again.arrayBuffer()).equals(bytes)).toBe(true);
});

test("what is left out of an upload is named with its reason", async () => {
  const { given, create } = await open();
  const { id } = await create();
  const text = (content: string) => new TextEncoder().encode(content);
  const zip = zipSync({
    "words.csv": text("text,label\nkeeps the doctor away,apple\na bell,pear\nyellow,quince\n"),
    "pear/a.png": text("no picture"),
  });
  const { task, leftOut, leftOutCount } = await given<TaskUploadView>(
    "POST",
    `tasks/${id}/public`,
    zip,
  );
  expect(task).toMatchObject({ publicSet: { samples: 2 } });
  expect(leftOutCount).toBe(2);
  expect(leftOut.map(({ path }) => path).sort()).toEqual(["pear/a.png", "words.csv"]);
});

test("a task that an experiment is on stays as it is, until that is removed", async () => {
  const { given, ask, create, refusal, whole } = await open();
  const { id } = await create();
  const experiment = { name: "Trial", strategy: "counter", dataset: id };
  const made = await given<{ id: string }>("POST", "experiments", json(experiment));
  expect(await given("GET", `tasks/${id}`)).toMatchObject({
    experiments: [{ id: made.id, name: "Trial" }],
  });
  const refusals = [
    await refusal("PUT", `tasks/${id}`, json(fruit)),
    await refusal("DELETE", `tasks/${id}`),
    await refusal("POST", `tasks/${id}/public`, whole),
    await refusal("DELETE", `tasks/${id}/test`),
  ];
  for (const refused of refusals)
    expect(refused).toMatch(/^409 conflict .*“Trial”.*remove that, or export/);
  await ask("DELETE", `experiments/${made.id}`);
  expect((await ask("DELETE", `tasks/${id}`)).status).toBe(204);
  expect(await refusal("POST", "experiments", json(experiment))).toMatch(
    /^400 bad-config dataset: use the id of a task, or one of emoji-style/,
  );
});

test("a removal waits for an experiment that is being made on the task, and then is refused", async () => {
  const [experiments, kept] = [createMemoryExperiments(), createMemoryTasks()];
  const tasks = memoryTasks({ experiments, blobs: createMemoryBlobs() }, kept);
  const { id } = await tasks.create(fruit);
  const made = tasks.exclusively(async () => {
    await tasks.requireKnown(id);
    await new Promise((resolve) => setTimeout(resolve, 20)); // its data is prepared
    const { config, ...rest } = record("a");
    await experiments.create({ ...rest, config: { ...config, dataset: id } });
  });
  await expect(tasks.remove(id)).rejects.toMatchObject({ code: "conflict" });
  await made;
  expect((await kept.get(id)).task).toEqual(fruit);
});

test("definitions and zips that are none are refused by the field, and nothing is kept", async () => {
  const { refusal, create, kept, blobs, whole, given } = await open();
  const { id } = await create();
  const before = await kept.list();
  const post = (change: object) => refusal("POST", "tasks", json({ ...fruit, ...change }));
  expect(await post({ classes: [] })).toMatch(/^400 bad-config classes: /);
  expect(await post({ owner: "me" })).toMatch(/^400 bad-config .*owner/);
  expect(await post({ teacher: { kind: "shipped", checkpoint: "none" } })).toMatch(
    /^400 bad-config teacher: there is no base none: use one of/,
  );
  expect(await post({ teacher: { kind: "shipped", checkpoint: "emoji-style" } })).toMatch(
    /teacher: it paints 32 x 32 pixels, and .* 16 x 16/,
  );
  expect(await post({ teacher: { kind: "trained" } })).toMatch(/^400 bad-config teacher/);
  expect(await refusal("POST", "tasks", "x".repeat(2 ** 18 + 1))).toMatch(/^413 too-large/);
  expect(await refusal("POST", `tasks/${id}/public`, "no zip")).toMatch(/^400 bad-data .*zip/);
  expect(await refusal("POST", "tasks/import", zipSync({ "a.txt": new Uint8Array(1) }))).toMatch(
    /^400 bad-data there is no task.json/,
  );
  expect(
    await refusal(
      "POST",
      `tasks/${id}/test`,
      zipSync({ "pear/a": [new Uint8Array(2 ** 24), { level: 9 }] }),
    ),
  ).toMatch(/^413 too-large .*times its size/);
  expect(await refusal("POST", "tasks/task-0/public", whole)).toMatch(/^404/);
  expect(await refusal("GET", "tasks/..%2f..%2fetc")).toMatch(/^404/);
  expect(await kept.list()).toEqual(before);
  expect(await blobs.list()).toEqual([]);

  const silent = await given<OwnTask>("POST", "tasks", json({ ...fruit, publicLicence: "" }));
  expect(await refusal("POST", `tasks/${silent.id}/public`, whole)).toMatch(
    /^400 bad-config publicLicence: say under which terms/,
  );
});

test("sets outlive a change of words, not one of classes or pictures", async () => {
  const { refusal, create, given, whole } = await open();
  const { id } = await create();
  await given("POST", `tasks/${id}/public`, whole);
  const put = (change: object) => refusal("PUT", `tasks/${id}`, json({ ...fruit, ...change }));
  const quince = [...fruit.classes, { name: "quince", words: ["quince"] }];
  expect(await put({ classes: quince })).toMatch(/^409 conflict classes: .*remove the sets first/);
  expect(await put({ pictures: { ...fruit.pictures, size: 32 } })).toMatch(
    /^409 conflict pictures/,
  );
  expect(await put({ publicLicence: " " })).toMatch(/^400 bad-config publicLicence/);
  const words = [{ name: "apple", words: ["fruit of Eve"] }, fruit.classes[1]];
  expect(await given("PUT", `tasks/${id}`, json({ ...fruit, classes: words }))).toMatchObject({
    publicSet: { samples: 12 },
  });
});

test("a task is changed whole: sets that it keeps stay, others come or go with the definition", async () => {
  const { given, refusal, whole, kept } = await open();
  const { task: made } = await given<TaskUploadView>("POST", "tasks/import", whole);
  const before = await kept.get(made.id);
  const send = (path: string, change: object, sets = {}) =>
    given<TaskUploadView>("POST", path, taskZip({ ...fruit, ...change }, sets));
  const refused = (path: string, change: object) =>
    refusal("POST", path, taskZip({ ...fruit, ...change }, {}));
  const path = `tasks/${made.id}/import`;

  await send(`${path}?keep=public&keep=test`, { name: "Orchard" });
  expect(await kept.get(made.id)).toEqual({ ...before, task: { ...fruit, name: "Orchard" } });
  const larger = { pictures: { ...fruit.pictures, size: 32 } } as const;
  expect(await refused(`${path}?keep=test`, larger)).toMatch(/^409 conflict pictures: /);
  expect(await refused(`${path}?keep=public`, { publicLicence: "" })).toMatch(
    /^400 .*publicLicence/,
  );
  expect(await refused(`${path}?keep=all`, {})).toBe("400 bad-config keep: use public or test");
  expect(await refused(path, { teacher: { kind: "trained" } })).toMatch(/^400 bad-config teacher/);
  expect((await kept.get(made.id)).task.name).toBe("Orchard");

  const { task } = await send(path, larger, { test: fruitSet(3, 32) });
  expect(task).toMatchObject({
    id: made.id,
    task: { pictures: { size: 32 } },
    test: { samples: 6 },
  });
  expect(task).not.toHaveProperty("publicSet");
  expect(await refused(`${path}?keep=public`, larger)).toBe(
    "400 bad-config keep: “Fruit” has no public set: leave it out",
  );
});

test("another task may keep the sets of one that an experiment is on", async () => {
  const { given, refusal, whole, kept } = await open();
  const { task: made } = await given<TaskUploadView>("POST", "tasks/import", whole);
  const experiment = { name: "Trial", strategy: "counter", dataset: made.id };
  await given("POST", "experiments", json(experiment));
  const zip = taskZip({ ...fruit, name: "Orchard" }, {});
  expect(await refusal("POST", `tasks/${made.id}/import?keep=public`, zip)).toMatch(
    /^409 .*“Trial”/,
  );
  const { task } = await given<TaskUploadView>(
    "POST",
    `tasks/import?from=${made.id}&keep=public`,
    zip,
  );
  const [first, second] = [await kept.get(made.id), await kept.get(task.id)];
  expect(second.task.name).toBe("Orchard");
  expect(second.publicSet).toEqual(first.publicSet);
  expect(second).not.toHaveProperty("test");
  const captions = ["a ripe apple 0", "a ripe pear 1", "a ripe apple 4", "a ripe pear 3"];
  const view = await given<OwnTask>("GET", `tasks/${task.id}`);
  expect(view.publicSet?.captions?.slice(0, 4)).toEqual(captions);
  for (const path of ["import?from=task-0&keep=public", "import?from=../x"])
    expect(await refusal("POST", `tasks/${path}`, zip)).toMatch(/^404 not-found/);
  expect(await refusal("POST", "tasks/import?keep=test", zip)).toMatch(
    /^400 .*a new task has no test/,
  );
});
