import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { clientId, experimentId } from "@tandem/core/ids";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { backUp, restore } from "./backup";
import { collectGarbage } from "./garbage";
import { createMemoryBlobs } from "./memory-blobs";
import { createMemoryExperiments } from "./memory-experiments";
import { createMemoryTasks } from "./memory-tasks";
import { openPgliteExperiments } from "./pglite-experiments";
import { ada, applicant, event, invitation, record, round, taskRecord } from "./testing/records";

const id = experimentId("a");
const bytesOf = (text: string) => new TextEncoder().encode(text);
const openMemory = () => ({
  store: createMemoryExperiments(),
  tasks: createMemoryTasks(),
  blobs: createMemoryBlobs(),
});
type Stores = ReturnType<typeof openMemory>;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tandem-backup-"));
  onTestFinished(() => rm(directory, { recursive: true }));
});

/** An experiment whose state, round and log name a blob each, a task that names two; and one that nothing names. */
async function fill({ store, tasks, blobs }: Stores) {
  const put = (text: string) => blobs.put(bytesOf(text));
  const [state, ended, upload] = [await put("state"), await put("ended"), await put("upload")];
  await store.create(record("a"));
  await store.commit(id, {
    events: [{ ...event(1), event: { type: "uploaded", client: ada.id, hash: upload } }, event(2)],
    experiment: { status: "running", state: { strategyState: state }, updatedAt: 7 },
    rounds: [{ ...round, stateHash: ended }],
    clients: [ada],
    metrics: [{ round: 1, client: clientId(ada.id), metrics: { accuracy: 0.5 } }],
  });
  await store.invite(id, { ...invitation, used: 1 });
  await store.keepApplicant(id, { ...applicant, verdict: "refused" });
  const setOf = async (text: string) => ({ hash: await put(text), bytes: text.length, size: 1 });
  const sets = { publicSet: await setOf("public"), test: await setOf("test") };
  await tasks.create({ ...taskRecord("task-a"), ...sets });
  const named = [state, ended, upload, sets.publicSet.hash, sets.test.hash];
  return { named, unnamed: await put("never acknowledged") };
}

const everything = async ({ store, tasks }: Omit<Stores, "blobs">) => [
  await tasks.list(),
  await store.get(id),
  await store.events(id),
  await store.rounds(id),
  await store.clients(id),
  await store.metrics(id),
  await store.invitations(id),
  await store.applicants(id),
];

test("a backup restores everything, into stores of another kind", async () => {
  const from = openMemory();
  const { named, unnamed } = await fill(from);
  const out = join(directory, "backup");
  expect(await backUp(from, out)).toEqual({
    experiments: 1,
    tasks: 1,
    blobs: 5,
    bases: 0,
    backboneFiles: 0,
  });
  const store = await openPgliteExperiments({ directory: join(directory, "other") });
  onTestFinished(() => store.close());
  const to = { store, tasks: store.tasks, blobs: createMemoryBlobs() };
  expect(await restore(to, out)).toMatchObject({ experiments: 1, tasks: 1, blobs: 5 });
  expect(await everything(to)).toEqual(await everything(from));
  for (const hash of named) expect(await to.blobs.get(hash)).toEqual(await from.blobs.get(hash));
  expect(await to.blobs.has(unnamed)).toBe(false);
  await store.commit(id, { events: [event(3)] }); // it goes on where it was
});

test("bases that were trained for tasks are in a backup, and those of tasks that are gone are not", async () => {
  const from = openMemory();
  await fill(from);
  const [teachers, others] = [join(directory, "teachers"), join(directory, "others")];
  const weights = "model/unet/weights";
  for (const id of ["task-a", "task-gone"]) {
    await mkdir(join(teachers, id, "model/unet"), { recursive: true });
    await writeFile(join(teachers, id, weights), id);
  }
  const out = join(directory, "backup");
  expect(await backUp({ ...from, teachers }, out)).toMatchObject({ tasks: 1, bases: 1 });
  expect(await restore({ ...openMemory(), teachers: others }, out)).toMatchObject({ bases: 1 });
  expect(await readdir(others)).toEqual(["task-a"]);
  expect(await readFile(join(others, "task-a", weights), "utf8")).toBe("task-a");

  await rm(join(out, "teachers"), { recursive: true });
  await expect(restore(openMemory(), out)).rejects.toThrow(/has 0 bases, not 1/);
  const former = { format: "tandem-backup/2", experiments: 1, tasks: 1, blobs: 5 };
  await writeFile(join(out, "manifest.json"), JSON.stringify(former));
  expect(await restore(openMemory(), out)).toEqual({
    ...former,
    bases: 0,
    backboneFiles: 0,
  });
});

test("what a teacher that charges has painted is in a backup, for the experiments that are", async () => {
  const from = openMemory();
  await fill(from);
  const [painted, other] = [join(directory, "paintings.json"), join(directory, "other.json")];
  const write = (path: string, counts: object) => writeFile(path, JSON.stringify(counts));
  await write(painted, { a: 19, gone: 3 });
  await write(other, { there: 7 });
  const out = join(directory, "backup");
  await backUp({ ...from, painted }, out);
  await restore({ ...openMemory(), painted: other }, out);
  expect(JSON.parse(await readFile(other, "utf8"))).toEqual({ there: 7, a: 19 });

  await write(join(out, "paintings.json"), { a: -1 });
  const to = openMemory();
  await expect(restore({ ...to, painted: other }, out)).rejects.toThrow(/does not count/);
  expect(await to.blobs.list()).toEqual([]);
});

test("backbones are in a backup byte by byte, and one that has changed is not restored", async () => {
  const from = openMemory();
  await fill(from);
  const [backbones, others] = [join(directory, "backbones"), join(directory, "others")];
  const files: Readonly<Record<string, Uint8Array>> = {
    "net/model.json": bytesOf("{}"),
    "net/weights.bin": Uint8Array.from({ length: 300_000 }, (_, i) => i % 251),
    "net-2/model.json": bytesOf("{ }"),
  };
  const write = async (folder: string, path: string, bytes: Uint8Array) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  };
  for (const [path, bytes] of Object.entries(files)) await write(backbones, path, bytes);
  for (const unserved of ["net/.model.json.swp", "notes.txt", "net/old/model.json"])
    await write(backbones, unserved, bytesOf("not handed out"));
  const out = join(directory, "backup");
  expect(await backUp({ ...from, backbones }, out)).toMatchObject({ backboneFiles: 3 });

  const copy = join(out, "backbones/net/weights.bin");
  const refused = async (code: string, message: RegExp) => {
    const to = openMemory();
    await expect(restore({ ...to, backbones: others }, out)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(await to.store.list()).toEqual([]);
    expect(await to.blobs.list()).toEqual([]);
  };
  await writeFile(copy, files["net/weights.bin"].with(7, 0));
  await refused("corrupt", /weights\.bin has changed/);
  await rm(copy);
  await refused("corrupt", /weights\.bin has changed \(its SHA-256 is missing/);
  await writeFile(copy, files["net/weights.bin"]);
  await write(others, "net/model.json", bytesOf("[]"));
  await refused("conflict", /net\/model\.json is there with other bytes/);
  const list = await readFile(join(out, "backbones.jsonl"), "utf8");
  await writeFile(join(out, "backbones.jsonl"), list.replace("net/model.json", "../x/model.json"));
  await refused("bad-data", /"\.\.\/x\/model\.json" is no file of a backbone/);
  await writeFile(join(out, "backbones.jsonl"), list.split("\n").slice(1).join("\n"));
  await refused("bad-data", /has 2 files of backbones, not 3/);
  await writeFile(join(out, "backbones.jsonl"), list);

  await write(others, "net/model.json", files["net/model.json"]); // the same is no conflict
  expect(await restore({ ...openMemory(), backbones: others }, out)).toMatchObject({
    backboneFiles: 3,
  });
  expect((await readdir(others, { recursive: true })).toSorted()).toEqual([
    "net",
    "net-2",
    "net-2/model.json",
    "net/model.json",
    "net/weights.bin",
  ]);
  for (const [path, bytes] of Object.entries(files))
    expect(new Uint8Array(await readFile(join(others, path)))).toEqual(bytes);
});

test("a restore that cannot succeed writes nothing", async () => {
  const from = openMemory();
  await fill(from);
  const out = join(directory, "backup");
  await backUp(from, out);
  const there = openMemory();
  await there.store.create(record("a"));
  await expect(restore(there, out)).rejects.toMatchObject({ code: "conflict" });
  await there.store.remove(id);
  await there.tasks.create(taskRecord("task-a"));
  await expect(restore(there, out)).rejects.toThrow(/task task-a is there already/);
  expect(await there.store.list()).toEqual([]);
  expect(await there.blobs.list()).toEqual([]);
  await expect(backUp(from, out)).rejects.toMatchObject({ code: "conflict" });

  const lines = await readFile(join(out, "experiments.jsonl"), "utf8");
  await writeFile(join(out, "experiments.jsonl"), "");
  const empty = openMemory();
  await expect(restore(empty, out)).rejects.toThrow(/has 0 experiments, not 1/);
  await writeFile(join(out, "experiments.jsonl"), lines.slice(0, -9));
  await expect(restore(empty, out)).rejects.toThrow(/line 1 of .* is not JSON/);
  await writeFile(join(out, "experiments.jsonl"), lines);
  const taskLines = await readFile(join(out, "tasks.jsonl"));
  await rm(join(out, "tasks.jsonl"));
  await expect(restore(empty, out)).rejects.toThrow(/has 0 tasks, not 1/);
  await writeFile(join(out, "tasks.jsonl"), taskLines);
  await rm(join(out, "manifest.json"));
  await expect(restore(empty, out)).rejects.toThrow(/no whole backup/);
  expect(await empty.store.list()).toEqual([]);
  expect(await empty.blobs.list()).toEqual([]);
});

test("a backup from before there were tasks can be restored", async () => {
  const from = openMemory();
  await fill(from);
  await from.tasks.remove("task-a");
  const out = join(directory, "backup");
  await backUp(from, out);
  await rm(join(out, "tasks.jsonl"));
  const counts = { experiments: 1, blobs: 3 };
  const manifest = JSON.stringify({ format: "tandem-backup/1", ...counts });
  await writeFile(join(out, "manifest.json"), manifest);
  const to = openMemory();
  expect(await restore(to, out)).toMatchObject({ ...counts, tasks: 0 });
  expect(await everything(to)).toEqual(await everything(from));
});

test("a backup of what has rotted fails and leaves no folder", async () => {
  const from = openMemory();
  const { named } = await fill(from);
  const rotten: Stores["blobs"] = {
    ...from.blobs,
    get: async (hash) =>
      hash === named[1] ? Promise.reject(new Error("rot")) : from.blobs.get(hash),
  };
  const out = join(directory, "backup");
  await expect(backUp({ ...from, blobs: rotten }, out)).rejects.toThrow("rot");
  await expect(readFile(join(out, "manifest.json"))).rejects.toThrow("ENOENT");
  expect(await backUp(from, out)).toMatchObject({ experiments: 1 });
});

test("garbage is what nothing names and nobody has put of late", async () => {
  const stores = openMemory();
  const { named, unnamed } = await fill(stores);
  const hour = 3_600_000;
  expect(await collectGarbage({ ...stores, now: Date.now() + hour })).toEqual({
    kept: 6,
    deleted: 0,
  });
  const later = Date.now() + 25 * hour;
  expect(await collectGarbage({ ...stores, now: later })).toEqual({ kept: 5, deleted: 1 });
  expect(await stores.blobs.has(unnamed)).toBe(false);
  for (const hash of named) expect(await stores.blobs.has(hash)).toBe(true);
  await stores.store.remove(id);
  expect(await collectGarbage({ ...stores, now: later })).toEqual({ kept: 2, deleted: 3 });
  await stores.tasks.remove("task-a");
  expect(await collectGarbage({ ...stores, now: later })).toEqual({ kept: 0, deleted: 2 });
});
