import { createHash } from "node:crypto";
import { access } from "node:fs/promises";
import { createStoredWorld } from "@tandem/coordinator/testing/stored-world";
import { begin, createClient, createWorld, experiment } from "@tandem/coordinator/testing/world";
import type { ServerHalf } from "@tandem/core/strategy";
import { u8 } from "@tandem/core/tensor";
import { encodeLabelledSet } from "@tandem/protocol/labelled-set";
import { createMemoryTasks } from "@tandem/storage/memory-tasks";
import { taskRecord } from "@tandem/storage/testing/records";
import { openTestDatabase } from "@tandem/storage/testing/test-database";
import { decode } from "fast-png";
import { unzipSync, type Zippable, zipSync } from "fflate";
import { expect, it, onTestFinished } from "vitest";
import { teaching } from "../testing/teaching";
import { servedExports } from "./testing/served-exports";

const red = u8([1, 8, 8, 3], new Uint8Array(8 * 8 * 3).fill(200));

/** Learns, teaches, and has a picture to show. */
const painting: ServerHalf = {
  ...teaching,
  teach: async (before, ...rest) => {
    const taught = await teaching.teach?.(before, ...rest);
    const { arrays, meta } = taught?.state ?? before;
    const metrics = { ...taught?.metrics, "teacher/lost": Number.NaN };
    return { state: { meta, arrays: { ...arrays, red } }, metrics };
  },
  adapter: ({ arrays: { red: _, ...arrays }, meta }) => teaching.adapter?.({ arrays, meta }),
  gallery: ({ arrays }) =>
    "red" in arrays ? { images: "red", items: [{ prompt: "a red square", label: 0 }] } : undefined,
};

/** An experiment that has finished, one client of which was removed with its address, and its archive. */
async function archived(config = {}) {
  const world = createWorld({ server: painting });
  const { coordinator, id, clients, ended } = await begin(
    world,
    [undefined, undefined, undefined],
    { name: "Fruit", dataset: "emoji-style", ...config },
  );
  await ended();
  await coordinator.removeClient(id, (await coordinator.view(id)).clients[2].id, { address: true });
  const served = await servedExports(world, { coordinator });
  const exported = async () =>
    bytesOf(await served.ask("GET", `experiments/${id}/export?format=archive`));
  return { world, coordinator, id, clients, served, exported, zip: await exported() };
}

const bytesOf = async (response: Response) => {
  if (!response.ok) throw new Error(await response.text());
  return new Uint8Array(await response.arrayBuffer());
};
const jsonOf = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));

it("comes out of another server as it went in, byte by byte, and is told apart there", async () => {
  const { zip, id, world } = await archived();
  const database = await openTestDatabase();
  onTestFinished(() => database.close());
  const fresh = createWorld({ server: painting, store: database });
  const { ask, given, coordinator } = await servedExports(fresh);
  const view = await given<{ id: string; importedAt: number }>("POST", "experiments/import", zip);
  expect(view).toMatchObject({ id, status: "finished", importedAt: expect.any(Number) });
  expect(await bytesOf(await ask("GET", `experiments/${id}/export?format=archive`))).toEqual(zip);
  for (const format of ["csv", "jsonl", "tensorboard"]) {
    const [here, there] = await Promise.all(
      [world, fresh].map(async (of) =>
        bytesOf(
          await (await servedExports(of)).ask("GET", `experiments/${id}/export?format=${format}`),
        ),
      ),
    );
    expect(there).toEqual(here);
  }
  const { importedAt: _, ...shown } = await coordinator.view(id);
  expect(shown.rounds).toEqual((await (await servedExports(world)).coordinator.view(id)).rounds);
  expect(shown.clients.map(({ name, accuracy }) => [name, accuracy])).toEqual([
    ["Client 1", 0.1],
    ["Client 2", 0.2],
    ["Client 3", 0.3],
  ]);
});

it("holds what it says, and no hash of a token, a key or an address", async () => {
  const { zip, world, id, clients } = await archived();
  const files = unzipSync(zip);
  const manifest = jsonOf(files["manifest.json"]);
  expect(manifest.format).toBe("tandem-experiment/1");
  expect(Object.keys(files)).toEqual([
    ...manifest.files.map(({ path }: { path: string }) => path),
    "manifest.json",
  ]);
  for (const { path, sha256, bytes } of manifest.files) {
    expect(createHash("sha256").update(files[path]).digest("hex")).toBe(sha256);
    expect(files[path]).toHaveLength(bytes);
  }
  expect(Object.keys(files)).toContain("adapter/round-0003.zip");
  for (const round of ["0001", "0002", "0003"]) {
    expect(decode(files[`gallery/round-${round}.png`])).toMatchObject({ width: 8, height: 8 });
    expect(jsonOf(files[`gallery/round-${round}.json`])).toMatchObject({
      classes: ["cat", "dog"],
      items: [{ prompt: "a red square", label: 0 }],
    });
  }
  const text = Object.entries(files)
    .filter(([path]) => /jsonl?$/.test(path))
    .map(([, bytes]) => new TextDecoder().decode(bytes))
    .join("");
  expect(text).toContain('"teacher/lost":"NaN"');
  const { barred } = (await world.store.get(id)).state as { barred: string[] };
  expect(barred).toHaveLength(2);
  const secrets = (await world.store.clients(id)).flatMap(({ tokenHash, key }) => [tokenHash, key]);
  for (const secret of [...barred, ...secrets, ...clients.map(({ token }) => token())])
    expect(text.includes(`${secret}`), `${secret}`).toBe(false);
});

it("a record of elsewhere is neither joined nor started, and can be deleted", async () => {
  const { zip, id } = await archived();
  const fresh = createWorld({ server: painting });
  const { given, refusal, coordinator } = await servedExports(fresh);
  await given("POST", "experiments/import", zip);
  expect(await refusal("POST", "experiments/import", zip)).toMatch(
    /^409 conflict This server has experiment/,
  );
  for (const command of [coordinator.start, coordinator.resume, coordinator.pause])
    await expect(command(id)).rejects.toThrow(/was imported.*on another server/);
  const joins = createClient(fresh, coordinator, id, { slot: 0 });
  expect(await joins.join()).toBe(false);
  await coordinator.remove(id);
  await given("POST", "experiments/import", zip);
});

it("what runs is archived as it stands, and is paused where it arrives; a draft is not", async () => {
  const world = createWorld();
  const { coordinator, id } = await begin(world, [() => "silence", undefined, undefined]);
  const draft = (await coordinator.create(experiment())).id;
  const { ask, refusal } = await servedExports(world, { coordinator });
  const zip = await bytesOf(await ask("GET", `experiments/${id}/export?format=archive`));
  expect(await refusal("GET", `experiments/${draft}/export?format=archive`)).toBe(
    "409 conflict “Test” has not been started: there is nothing to archive but its settings.",
  );
  const there = await servedExports(createWorld());
  expect(await there.given("POST", "experiments/import", zip)).toMatchObject({ status: "paused" });
  expect(await bytesOf(await there.ask("GET", `experiments/${id}/export?format=archive`))).toEqual(
    zip,
  );
});

it("brings its task and the sets of it along, and takes them away again where it is refused", async () => {
  const images = u8([2, 8, 8, 3], new Uint8Array(2 * 8 * 8 * 3).fill(7));
  const bytes = encodeLabelledSet({ size: 2, labels: Int32Array.of(0, 1), images });
  const world = createWorld({ server: painting });
  const hash = await world.blobs.put(bytes);
  const record = {
    ...taskRecord("task-0123456789abcdef"),
    test: { hash, bytes: bytes.length, size: 2 },
  };
  const records = createMemoryTasks();
  const { publicSet: _, ...task } = record;
  await records.create(task);
  const three = [undefined, undefined, undefined];
  const { coordinator, id, ended } = await begin(world, three, { dataset: task.id });
  await ended();
  const { ask } = await servedExports(world, { coordinator, records });
  const zip = await bytesOf(await ask("GET", `experiments/${id}/export?format=archive`));

  const fresh = createWorld({ server: painting });
  const there = await servedExports(fresh);
  const unknown = zipped({
    ...unzipSync(zip),
    "experiment.json": changedConfig({ strategy: "magic" }),
  });
  expect(await there.refusal("POST", "experiments/import", unknown)).toMatch(/no strategy "magic"/);
  expect(await there.records.list()).toEqual([]);
  expect(await fresh.blobs.has(hash)).toBe(false);
  await there.given("POST", "experiments/import", zip);
  expect(await there.records.get(task.id)).toEqual(task);
  expect(await fresh.blobs.get(hash)).toEqual(bytes);

  const other = createMemoryTasks();
  await other.create({ ...task, task: { ...task.task, name: "Another" } });
  const beside = await servedExports(createWorld({ server: painting }), { records: other });
  expect(await beside.refusal("POST", "experiments/import", zip)).toMatch(
    /^409 conflict .* another task/,
  );

  function changedConfig(change: object) {
    const value = jsonOf(unzipSync(zip)["experiment.json"]);
    return new TextEncoder().encode(
      JSON.stringify({ ...value, config: { ...value.config, ...change } }),
    );
  }
});

/** The files as an archive whose manifest fits them. */
function zipped(files: Readonly<Record<string, Uint8Array>>, manifest: object = {}): Uint8Array {
  const { "manifest.json": _, ...rest } = files;
  const list = Object.entries(rest).map(([path, bytes]) => ({
    ...{ path, bytes: bytes.length },
    sha256: createHash("sha256").update(bytes).digest("hex"),
  }));
  const text = JSON.stringify({ format: "tandem-experiment/1", files: list, ...manifest });
  return zipSync({ ...rest, "manifest.json": new TextEncoder().encode(text) });
}

it("a bad archive is refused whole, with the file and the reason", async () => {
  const { zip } = await archived();
  const files = unzipSync(zip);
  const fresh = createWorld({ server: painting });
  const { refusal, given, limits } = await servedExports(fresh);
  const text = (path: string) => new TextDecoder().decode(files[path]);
  const bytes = (content: string) => new TextEncoder().encode(content);
  const with_ = (path: string, content: string | Uint8Array) =>
    zipped({ ...files, [path]: typeof content === "string" ? bytes(content) : content });
  const edited = (path: string, from: string | RegExp, to: string) => {
    const changed = text(path).replace(from, to);
    expect(changed).not.toBe(text(path));
    return with_(path, changed);
  };
  const blob = Object.keys(files).find((path) => path.startsWith("blobs/")) ?? "";
  const { "rounds.jsonl": _, ...withoutRounds } = files;
  const spoilt = { ...files, [blob]: files[blob].with(9, files[blob][9] ^ 1) };
  const bomb = zipSync({
    ...(files as Zippable),
    "blobs/": new Uint8Array(0),
    [`blobs/${"0".repeat(64)}`]: [new Uint8Array(2 ** 25), { level: 9 }],
  });
  const cases: readonly (readonly [what: Uint8Array, said: RegExp])[] = [
    [bytes("no zip"), /^400 bad-data archive: It cannot be read as a zip/],
    [zip.subarray(0, -30), /^400 bad-data archive: /],
    [zipSync({ "a.txt": bytes("a") }), /^400 bad-data a\.txt: an archive has no such file/],
    [zipped({ ...files, "../../etc/passwd": bytes("x") }), /passwd: an archive has no such file/],
    [zipped(withoutRounds), /^400 bad-data rounds\.jsonl: it is missing/],
    [zipSync(spoilt), new RegExp(`^400 bad-data ${blob}: its SHA-256 is \\w+, not `)],
    [zipped(spoilt), new RegExp(`^400 bad-data ${blob}: no record names it by the hash`)],
    [
      zipSync({ ...files, "gallery/round-0099.png": bytes("x") }),
      /round-0099\.png: the manifest lacks it/,
    ],
    [
      zipped(files, { format: "tandem-experiment/2" }),
      /^400 not-supported manifest\.json: its format is tandem-experiment\/2/,
    ],
    [zipped(files, { format: "zip" }), /^400 bad-data manifest\.json: its format is zip/],
    [zipSync({ ...files, "manifest.json": bytes("null") }), /manifest\.json: its format is undef/],
    [zipped(files, { files: 1 }), /manifest\.json: files: /],
    [bomb, /^413 too-large The archive holds 33\.\d MB, and an experiment may have 16\.8 MB/],
    [with_("events.jsonl", "{"), /events\.jsonl: its last line has no end/],
    [with_("events.jsonl", "{\n"), /events\.jsonl, line 1: it is not JSON/],
    [with_("events.jsonl", Uint8Array.of(255, 10)), /events\.jsonl: it is not UTF-8/],
    [
      edited("events.jsonl", /"type":"started"/, '"type":"began"'),
      /events\.jsonl, line \d+: type: /,
    ],
    [
      edited("events.jsonl", '"sequence":2', '"sequence":3'),
      /events\.jsonl, line 2: event 3 stands there/,
    ],
    [
      edited("experiment.json", /"sequence":\d+/, '"sequence":1'),
      /events\.jsonl: it has \d+ events, not 1/,
    ],
    [
      edited("experiment.json", /"status":"finished"/g, '"status":"running"'),
      /experiment\.json: status: /,
    ],
    [edited("experiment.json", /"phase":"\w+"/, '"phase":"sleeping"'), /experiment\.json: phase: /],
    [edited("experiment.json", /"rounds":3/, '"rounds":0'), /^400 bad-config rounds: /],
    [
      edited("experiment.json", '"dataset":"emoji-style"', '"dataset":"nothing"'),
      /dataset: use the id/,
    ],
    [edited("clients.jsonl", /"slot":0/, '"slot":-1'), /clients\.jsonl, line 1: slot: /],
    [edited("clients.jsonl", /"slot":0/, '"slot":2147483648'), /clients\.jsonl, line 1: slot: /],
    [edited("clients.jsonl", /"samples":\d+/, '"samples":1e12'), /line 1: samples: /],
    [edited("clients.jsonl", /"joinedAt":\d+/, '"joinedAt":1e300'), /line 1: joinedAt: /],
    [edited("rounds.jsonl", /"uploads":\d+/, '"uploads":1e12'), /line 1: uploads: /],
    [edited("rounds.jsonl", /"endedAt":\d+/, '"endedAt":9e15'), /line 1: endedAt: /],
    [edited("rounds.jsonl", /"at":\d+/, '"at":-1'), /line 1: phases\.0\.at: /],
    [edited("experiment.json", /"createdAt":\d+/, '"createdAt":0.5'), /\.json: createdAt: /],
    [edited("events.jsonl", /"at":\d+/, '"at":1e308'), /events\.jsonl, line 1: at: /],
    [with_("metrics.jsonl", " ".repeat(2 ** 23)), /metrics\.jsonl: line 1 has more than \d+ char/],
    [
      edited("clients.jsonl", /"slot":0/, '"slot":0,"tokenHash":"00"'),
      /clients\.jsonl, line 1: .*tokenHash/,
    ],
    [edited("clients.jsonl", "p0001", "p0000"), /clients\.jsonl: p0000 is there twice/],
    [
      edited("metrics.jsonl", '"NaN"', '"many"'),
      /metrics\.jsonl, line 1: metrics\.teacher\/lost: /,
    ],
    [edited("rounds.jsonl", '"round":2', '"round":1'), /rounds\.jsonl: 1 is there twice/],
  ];
  for (const [archive, said] of cases)
    expect(await refusal("POST", "experiments/import", archive)).toMatch(said);
  expect(await fresh.store.list()).toEqual([]);
  await expect(access(limits.directory)).rejects.toThrow(/ENOENT/);
  await given("POST", "experiments/import", zipped(files));
});

it("an archive is refused before more of it is kept than there is room for", async () => {
  const { zip } = await archived();
  const fresh = createWorld({ server: painting });
  const small = await servedExports(fresh, { limits: { mostBytes: 1000 } });
  expect(await small.refusal("POST", "experiments/import", zip)).toMatch(
    /^413 too-large .*at most 1000 bytes/,
  );
  const full = await servedExports(fresh, {
    limits: { reserveBytes: 10, freeBytes: async () => 100 },
  });
  expect(await full.refusal("POST", "experiments/import", zip)).toMatch(
    /^409 full The server's disk has 100 B left/,
  );
  expect(await fresh.store.list()).toEqual([]);
});

it("leaves nothing behind where the database takes none of it, and comes in when it does", async () => {
  const { zip, id } = await archived();
  const { archive, ...world } = createStoredWorld();
  const { adopt } = world.store;
  world.store.adopt = async () => {
    throw new Error("the disk is full");
  };
  const { refusal, given } = await servedExports({ ...world, server: painting });
  expect(await refusal("POST", "experiments/import", zip)).toMatch(/^500 internal/);
  expect(await archive.list()).toEqual([]);
  expect(await world.store.list()).toEqual([]);
  world.store.adopt = adopt;
  await given("POST", "experiments/import", zip);
  expect((await world.store.list()).map((one) => one.id)).toEqual([id]);
  expect(await archive.list()).not.toEqual([]);
});
