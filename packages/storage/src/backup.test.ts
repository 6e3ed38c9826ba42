import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clientId, experimentId } from "@tandem/core/ids";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { backUp, restore } from "./backup";
import { collectGarbage } from "./garbage";
import { createMemoryBlobs } from "./memory-blobs";
import { createMemoryExperiments } from "./memory-experiments";
import { openPgliteExperiments } from "./pglite-experiments";
import { ada, event, record, round } from "./testing/records";

const id = experimentId("a");
const bytesOf = (text: string) => new TextEncoder().encode(text);
const openMemory = () => ({ store: createMemoryExperiments(), blobs: createMemoryBlobs() });
type Stores = ReturnType<typeof openMemory>;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tandem-backup-"));
  onTestFinished(() => rm(directory, { recursive: true }));
});

/** An experiment whose state, round and log name a blob each; and a blob that nothing names. */
async function fill({ store, blobs }: Stores) {
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
  return { named: [state, ended, upload], unnamed: await put("never acknowledged") };
}

const everything = async ({ store }: Pick<Stores, "store">) => [
  await store.get(id),
  await store.events(id),
  await store.rounds(id),
  await store.clients(id),
  await store.metrics(id),
];

test("a backup restores everything, into stores of another kind", async () => {
  const from = openMemory();
  const { named, unnamed } = await fill(from);
  const out = join(directory, "backup");
  expect(await backUp(from, out)).toEqual({ experiments: 1, blobs: 3 });
  const store = await openPgliteExperiments({ directory: join(directory, "other") });
  onTestFinished(() => store.close());
  const to = { store, blobs: createMemoryBlobs() };
  expect(await restore(to, out)).toMatchObject({ experiments: 1, blobs: 3 });
  expect(await everything(to)).toEqual(await everything(from));
  for (const hash of named) expect(await to.blobs.get(hash)).toEqual(await from.blobs.get(hash));
  expect(await to.blobs.has(unnamed)).toBe(false);
  await store.commit(id, { events: [event(3)] }); // it goes on where it was
});

test("a restore that cannot succeed writes nothing", async () => {
  const from = openMemory();
  await fill(from);
  const out = join(directory, "backup");
  await backUp(from, out);
  const there = openMemory();
  await there.store.create(record("a"));
  await expect(restore(there, out)).rejects.toMatchObject({ code: "conflict" });
  expect(await there.blobs.list()).toEqual([]);
  await expect(backUp(from, out)).rejects.toMatchObject({ code: "conflict" });

  const lines = await readFile(join(out, "experiments.jsonl"), "utf8");
  await writeFile(join(out, "experiments.jsonl"), "");
  const empty = openMemory();
  await expect(restore(empty, out)).rejects.toThrow(/has 0 experiments and 3 blobs, not 1 and 3/);
  await writeFile(join(out, "experiments.jsonl"), lines.slice(0, -9));
  await expect(restore(empty, out)).rejects.toThrow(/line 1 of .* is not JSON/);
  await writeFile(join(out, "experiments.jsonl"), lines);
  await rm(join(out, "manifest.json"));
  await expect(restore(empty, out)).rejects.toThrow(/no whole backup/);
  expect(await empty.store.list()).toEqual([]);
  expect(await empty.blobs.list()).toEqual([]);
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
    kept: 4,
    deleted: 0,
  });
  const later = Date.now() + 25 * hour;
  expect(await collectGarbage({ ...stores, now: later })).toEqual({ kept: 3, deleted: 1 });
  expect(await stores.blobs.has(unnamed)).toBe(false);
  for (const hash of named) expect(await stores.blobs.has(hash)).toBe(true);
  await stores.store.remove(id);
  expect(await collectGarbage({ ...stores, now: later })).toEqual({ kept: 0, deleted: 3 });
});
