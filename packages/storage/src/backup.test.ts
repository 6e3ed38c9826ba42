import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { getTableName, is } from "drizzle-orm";
import { PgTable } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import * as accountTables from "./accounts-schema";
import { backUp } from "./backup";
import { backedUp, leftOutTables } from "./backup-contents";
import { collectGarbage } from "./garbage";
import { holdDeletes } from "./held-deletes";
import { openPgliteExperiments } from "./pglite-experiments";
import { openPostgresExperiments } from "./postgres-experiments";
import { restore } from "./restore";
import * as tables from "./schema";
import { postgresPrograms, startPostgres } from "./testing/postgres-server";
import { event, record, taskRecord } from "./testing/records";
import { addOwner, addStudy, allRows, id, openEmptied, openStoresOn } from "./testing/stored";

let directory: string;
let data: string;
let out: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tandem-backup-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  [data, out] = [join(directory, "data"), join(directory, "backup")];
  await mkdir(data);
});

const now = () => 1_700_000_000_000;
const source = openEmptied();
const target = openEmptied();
const open = async () => (await target).empty();
let study: Awaited<ReturnType<typeof addStudy>> & Awaited<ReturnType<typeof open>>;
beforeAll(async () => {
  const stores = await (await source).empty();
  study = { ...stores, ...(await addStudy(stores)) };
  await addOwner(stores);
});
afterAll(async () => {
  for (const one of [await source, await target]) await one.close();
});
/** Is only read. */
const filled = () => ({ ...study, data, now });
const text = (path: string) => readFile(path, "utf8");
const put = async (path: string, content: string | Uint8Array) => {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
};

test("every table is in a backup, or is named as left out with the reason", async () => {
  const all: readonly unknown[] = Object.values({ ...tables, ...accountTables });
  const declared = all.flatMap((value) => (is(value, PgTable) ? [getTableName(value)] : []));
  const known = [
    ...backedUp.map(({ table }) => getTableName(table)),
    ...Object.keys(leftOutTables),
  ];
  expect(known.toSorted()).toEqual(declared.toSorted());
  // Those that the migrations have made, wherever they are declared.
  expect((await study.records.tables()).toSorted()).toEqual(declared.toSorted());
  for (const reason of Object.values(leftOutTables)) expect(reason).toMatch(/\w{3,} \w{2,}/);
});

const programs = postgresPrograms();
const opened = async (database: ReturnType<typeof openPgliteExperiments>) => {
  const stores = await openStoresOn(database);
  onTestFinished(() => stores.store.close());
  return stores;
};
const kinds: readonly [string, () => ReturnType<typeof open>][] = [
  ["PGlite", () => opened(openPgliteExperiments({ directory: join(directory, "other") }))],
  [
    programs ? "PostgreSQL" : "PostgreSQL (skipped: there is no PostgreSQL 15 or newer)",
    async () => {
      const server = await startPostgres(programs ?? "");
      onTestFinished(() => server.stop());
      return opened(openPostgresExperiments({ url: await server.database() }));
    },
  ],
];
describe.each(kinds)("into %s", (name, other) => {
  test.skipIf(name.includes("skipped"))(
    "a backup restores every row of every table, its blobs, and so does one that is taken while others write",
    async () => {
      const from = filled();
      const counts = { accounts: 1, experiments: 1, tasks: 1, blobs: 5 };
      expect(await backUp(from, out)).toMatchObject(counts);
      const to = await other();
      expect(await restore({ ...to, data: join(directory, "to") }, out)).toMatchObject(counts);
      const rows = await allRows(from);
      expect(Object.keys(rows)).toHaveLength(backedUp.length); // none is empty
      expect(await allRows(to)).toEqual(rows);
      expect(await to.store.metrics(id)).toEqual(await from.store.metrics(id)); // NaN too
      for (const hash of from.named)
        expect(await to.blobs.get(hash)).toEqual(await from.blobs.get(hash));
      expect(await to.blobs.has(from.unnamed)).toBe(false);
      expect(await to.accounts.tokens.use("#t", 1)).toMatchObject({
        account: { email: "ada@example.org" },
      });
      await to.audit.add([{ at: 2, by: "server", action: "went on", outcome: "done", count: 1 }]);
      expect((await to.audit.list({}, 3)).map(({ sequence }) => sequence)).toEqual([8, 7]);

      // What is committed while the records are read is not in the backup, whole or in part.
      let late: Promise<void> | undefined;
      const requireRoom = async () => {
        late ??= to.store.create(record("late")).then(() => to.store.remove(id));
        if (name === "PostgreSQL") await late; // an embedded database has it wait
      };
      const during = join(directory, "during");
      await backUp({ ...to, data, now, requireRoom }, during);
      await late;
      expect((await to.store.list()).map((one) => String(one.id))).toEqual(["late"]);
      const before = await open();
      await restore({ ...before, data }, during);
      expect(await allRows(before)).toEqual({
        ...rows,
        api_tokens: [{ ...(rows.api_tokens[0] as object), used_at: 1 }],
        audit: [...rows.audit, expect.objectContaining({ sequence: 8 })],
      });
    },
    60_000,
  );
});

test("a backup is for its owner alone, lists all of its files, and holds nobody's session", async () => {
  await backUp(filled(), out);
  expect((await stat(out)).mode & 0o777).toBe(0o700);
  const files = (await readdir(out, { recursive: true, withFileTypes: true })).filter((one) =>
    one.isFile(),
  );
  const paths = files.map((one) => join(one.parentPath, one.name));
  for (const path of paths) expect((await stat(path)).mode & 0o777, path).toBe(0o600);
  const checked = execFileSync("sha256sum", ["--check", "SHA256SUMS"], { cwd: out });
  expect(checked.toString().trim().split("\n")).toHaveLength(paths.length - 1);
  const all = (await Promise.all(paths.map(text))).join();
  expect(all).toContain("ada@example.org");
  expect(all).not.toContain("secret");
});

test("without accounts a backup has none, and one with them is restored without", async () => {
  const from = filled();
  const without = join(directory, "without");
  expect(await backUp({ ...from, withoutAccounts: true }, without)).toMatchObject({ accounts: 0 });
  await backUp(from, out);
  for (const [backup, withoutAccounts] of [
    [without, false],
    [out, true],
  ] as const) {
    const to = await open();
    expect(await restore({ ...to, data, withoutAccounts }, backup)).toMatchObject({ accounts: 0 });
    expect(await to.accounts.list()).toEqual([]);
    expect((await to.accounts.spending.limits()).size).toBe(0);
    expect(await to.store.list()).toHaveLength(1);
  }
});

test("bases that were trained for tasks are in a backup, and those of tasks that are gone are not", async () => {
  const from = filled();
  for (const id of ["task-a", "task-gone"]) {
    await put(join(data, "teachers", id, "model/unet/weights"), id);
    await put(join(data, "teachers", id, "training/state.safetensors.partial"), "half");
  }
  expect(await backUp(from, out)).toMatchObject({ tasks: 1, bases: 1 });
  const to = join(directory, "to");
  expect(await restore({ ...(await open()), data: to }, out)).toMatchObject({ bases: 1 });
  expect(await readdir(join(to, "teachers"))).toEqual(["task-a"]);
  expect(await readdir(join(to, "teachers/task-a"), { recursive: true })).toEqual([
    "model",
    "model/unet",
    "model/unet/weights",
  ]);
});

test("what a teacher that charges has painted is in a backup, for the experiments that are", async () => {
  const from = filled();
  await put(join(data, "paintings.json"), JSON.stringify({ a: 19, gone: 3 }));
  await backUp(from, out);
  const to = join(directory, "to");
  await put(join(to, "paintings.json"), JSON.stringify({ there: 7 }));
  await restore({ ...(await open()), data: to }, out);
  expect(JSON.parse(await text(join(to, "paintings.json")))).toEqual({ there: 7, a: 19 });
});

test("backbones are in a backup byte by byte, and none takes the place of another", async () => {
  const from = filled();
  const files: Readonly<Record<string, Uint8Array>> = {
    "net/model.json": new TextEncoder().encode("{}"),
    "net/weights.bin": Uint8Array.from({ length: 300_000 }, (_, i) => i % 251),
    "net-2/model.json": new TextEncoder().encode("{ }"),
  };
  for (const [path, bytes] of Object.entries(files))
    await put(join(data, "backbones", path), bytes);
  for (const unserved of ["net/.model.json.swp", "notes.txt", "net/old/model.json"])
    await put(join(data, "backbones", unserved), "not handed out");
  expect(await backUp(from, out)).toMatchObject({ backboneFiles: 3 });

  const to = join(directory, "to");
  await put(join(to, "backbones/net/model.json"), "[]");
  const stores = await open();
  await expect(restore({ ...stores, data: to }, out)).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringMatching(/net\/model\.json is there with other bytes/),
  });
  expect(await stores.store.list()).toEqual([]);
  await put(join(to, "backbones/net/model.json"), files["net/model.json"]); // the same is no conflict
  expect(await restore({ ...stores, data: to }, out)).toMatchObject({ backboneFiles: 3 });
  const restored = await readdir(join(to, "backbones"), { recursive: true });
  expect(restored.toSorted()).toEqual([
    ...["net", "net-2", "net-2/model.json", "net/model.json", "net/weights.bin"],
  ]);
  for (const [path, bytes] of Object.entries(files))
    expect(new Uint8Array(await readFile(join(to, "backbones", path)))).toEqual(bytes);
});

test("a restore that cannot succeed writes nothing", async () => {
  const from = filled();
  await backUp(from, out);
  const to = await open();
  const refused = async (code: string, message: RegExp) => {
    await expect(restore({ ...to, data }, out)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(await to.blobs.list()).toEqual([]);
    expect((await allRows(to)).events).toBeUndefined();
  };
  await to.store.create(record("a"));
  await refused("conflict", /experiments: Key \(id\)=\(a\) already exists/);
  await to.store.remove(id);
  await to.tasks.create(taskRecord("task-a"));
  await refused("conflict", /tasks: Key \(id\)=\(task-a\) already exists/);
  await to.tasks.remove("task-a");
  await expect(backUp(from, out)).rejects.toMatchObject({ code: "conflict" });

  const changed = async (path: string, change: (text: string) => string | undefined) => {
    const before = await text(join(out, path));
    const after = change(before);
    if (after === undefined) await rm(join(out, path));
    else await writeFile(join(out, path), after);
    return () => writeFile(join(out, path), before);
  };
  const { named } = from;
  const blob = `blobs/${named[0].slice(0, 2)}/${named[0].slice(2, 4)}/${named[0]}`;
  const broken: readonly [string, (text: string) => string | undefined, string, RegExp][] = [
    [blob, () => "rot", "corrupt", /has changed/],
    [blob, () => undefined, "corrupt", /its SHA-256 is missing/],
    ["tables/events.jsonl", (all) => all.slice(0, -9), "corrupt", /events\.jsonl has changed/],
    [
      "SHA256SUMS",
      (all) => all.split("\n").slice(1).join("\n"),
      "bad-data",
      /lists \d+ files, not/,
    ],
    ["SHA256SUMS", (all) => all.replace("blobs/", "../x/"), "bad-data", /names no file of/],
    ["SHA256SUMS", () => undefined, "bad-data", /no whole backup: it has no SHA256SUMS/],
    [
      "manifest.json",
      (all) => all.replace("1700", "1701"),
      "corrupt",
      /manifest\.json has changed/,
    ],
    [
      "manifest.json",
      (all) => all.replace('"when": 1', '"when": 9'),
      "not-supported",
      /later version/,
    ],
    ["manifest.json", () => "{", "bad-data", /is not JSON/],
    ["manifest.json", () => "null", "bad-data", /is not JSON/],
    ["manifest.json", () => '{"format":"zip"}', "bad-data", /has format zip/],
    ["manifest.json", () => undefined, "bad-data", /no whole backup/],
  ];
  for (const [path, change, code, message] of broken) {
    const mend = await changed(path, change);
    await refused(code, message);
    await mend();
  }
  await expect(restore({ ...to, data }, out)).resolves.toMatchObject({ experiments: 1 });
});

test("backups from before there were checksums, tasks and accounts can be restored", async () => {
  const from = filled();
  const { store, tasks, blobs, named } = from;
  for (const hash of named)
    await put(join(out, "blobs", hash.slice(0, 2), hash.slice(2, 4), hash), await blobs.get(hash));
  const line = {
    ...{ record: await store.get(id), events: await store.events(id) },
    ...{ rounds: await store.rounds(id), clients: await store.clients(id) },
    metrics: (await store.metrics(id)).map((one) => ({ ...one, metrics: { accuracy: 0.5 } })),
    ...{ invitations: await store.invitations(id), applicants: await store.applicants(id) },
  };
  await put(join(out, "experiments.jsonl"), `${JSON.stringify(line)}\n`);
  await put(join(out, "tasks.jsonl"), `${JSON.stringify(await tasks.get("task-a"))}\n`);
  const manifest = (content: object) => put(join(out, "manifest.json"), JSON.stringify(content));
  const counts = { experiments: 1, tasks: 1, blobs: 5 };
  await manifest({ format: "tandem-backup/2", ...counts, blobs: 6 });
  const to = await open();
  await expect(restore({ ...to, data }, out)).rejects.toThrow(/has 5 blobs, not 6/);
  await manifest({ format: "tandem-backup/2", ...counts });
  expect(await restore({ ...to, data }, out)).toMatchObject({ ...counts, accounts: 0 });
  const { events, rounds, clients, invitations, applicants, experiments, ...rest } =
    await allRows(from);
  expect(await allRows(to)).toMatchObject({
    ...{ events, rounds, clients, invitations, applicants, experiments, tasks: rest.tasks },
  });
  for (const hash of named) expect(await to.blobs.has(hash)).toBe(true);

  await rm(join(out, "tasks.jsonl"));
  await manifest({ format: "tandem-backup/1", experiments: 1, blobs: 5 });
  const other = await open(); // the same, emptied
  expect(await restore({ ...other, data }, out)).toMatchObject({ tasks: 0, experiments: 1 });
  await writeFile(join(out, "experiments.jsonl"), JSON.stringify(line).slice(0, -9));
  await expect(restore({ ...other, data }, out)).rejects.toThrow(/line 1 of .* is not JSON/);
});

test("what is deleted, collected and put while blobs are copied takes nothing from the backup", async () => {
  const stores = await open();
  const { blobs, hold } = holdDeletes(stores.blobs);
  const live = { ...stores, blobs };
  const { named } = await addStudy(live);
  const rows = await allRows(live);
  let isFirst = true;
  const meanwhile: typeof blobs = {
    ...stores.blobs,
    async get(hash) {
      if (isFirst) {
        isFirst = false;
        await live.store.remove(id);
        await live.tasks.remove("task-a");
        await live.tasks.create(taskRecord("task-b"));
        const collected = await collectGarbage({ ...live, now: Date.now(), graceMs: 0 });
        expect(collected).toMatchObject({ kept: 0, deleted: 6 });
        await blobs.put(new TextEncoder().encode("upload"));
      }
      return stores.blobs.get(hash);
    },
  };
  const counts = { experiments: 1, tasks: 1, blobs: 5 };
  const { records } = live;
  expect(await backUp({ records, blobs: meanwhile, hold, data, now }, out)).toMatchObject(counts);
  expect((await stores.blobs.list()).map(({ hash }) => hash)).toEqual([named[2]]);

  const to = await open();
  expect(await restore({ ...to, data }, out)).toMatchObject(counts);
  expect(await allRows(to)).toEqual(rows);
  for (const hash of named) expect(await to.blobs.has(hash), hash).toBe(true);
});

test("others have their turn while a backup is made, page after page and blob after blob", async () => {
  const stores = await open();
  await stores.store.create(record("a"));
  const events = Array.from({ length: 1000 }, (_, i) => event(i + 1));
  await stores.store.commit(id, { events });
  let turns = 0;
  let isOver = false;
  const take = () => {
    turns++;
    if (!isOver) setImmediate(take);
  };
  setImmediate(take);
  const pages: number[] = [];
  await stores.records.snapshot([tables.events], async ({ rows }) => void pages.push(rows.length));
  expect(pages).toEqual([200, 200, 200, 200, 200]);
  turns = 0;
  await backUp({ ...stores, data, now }, out);
  isOver = true;
  expect(turns).toBeGreaterThan(5);
  expect((await text(join(out, "tables/events.jsonl"))).split("\n")).toHaveLength(1001);
});

test("a backup that fails, is ended or has no room leaves nothing, and lets go of the blobs", async () => {
  const from = filled();
  let held = 0;
  const hold = () => {
    held++;
    return async () => void held--;
  };
  const fails = (options: Partial<Parameters<typeof backUp>[0]>) =>
    expect(backUp({ ...from, hold, ...options }, out)).rejects;
  const blobs: typeof from.blobs = {
    ...from.blobs,
    get: async (hash) =>
      hash === from.named[1] ? Promise.reject(new Error("rot")) : from.blobs.get(hash),
  };
  await fails({ blobs }).toThrow("rot");
  const requireRoom = async () => {
    if (held > 0) throw new Error("no room");
  };
  await fails({ requireRoom }).toThrow("no room");
  await fails({ signal: AbortSignal.abort(new Error("closing")) }).toThrow("closing");
  expect(held).toBe(0);
  expect(await readdir(directory)).toEqual(["data"]);
  await chmod(data, 0o500);
  expect(await backUp(from, out)).toMatchObject({ experiments: 1 }); // what is backed up is only read
  await chmod(data, 0o700);
});
