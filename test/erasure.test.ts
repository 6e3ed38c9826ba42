import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { believing } from "@tandem/coordinator/testing/believing-server";
import { visitor } from "@tandem/coordinator/testing/erasable-study";
import { signing, testKey } from "@tandem/coordinator/testing/signing";
import { createStoredWorld } from "@tandem/coordinator/testing/stored-world";
import {
  experiment,
  openCoordinator,
  randomNames,
  until,
  value,
} from "@tandem/coordinator/testing/world";
import { hashToken } from "@tandem/coordinator/tokens";
import { type ExperimentId, experimentId } from "@tandem/core/ids";
import type { Payload } from "@tandem/core/payload";
import type { ServerHalf } from "@tandem/core/strategy";
import { f32, u8 } from "@tandem/core/tensor";
import { protocolVersion } from "@tandem/protocol/events";
import { packPayload } from "@tandem/protocol/payload-codec";
import { openFileBlobs } from "@tandem/storage/file-blobs";
import { openPgliteExperiments } from "@tandem/storage/pglite-experiments";
import { placeTestDatabase } from "@tandem/storage/testing/test-database";
import { strategyNamed } from "@tandem/strategies/registry";
import { createMemoryPair } from "@tandem/transport/memory";
import { afterAll, beforeAll, expect, it } from "vitest";

/** What somebody with pictures of two classes answers, told apart by a number. */
type Kind = { readonly server: ServerHalf; readonly answer: (of: number) => Payload };
const head = (of: number): Payload => ({
  arrays: {
    "image.head.weight": f32([8, 2], new Array(16).fill(of / 7)),
    "image.head.bias": f32([2], [of, of]),
  },
  meta: {},
});
const means = (of: number): Payload => ({
  arrays: {
    "mean/image": f32([2, 2], [of / 10, of / 70, of / 90, of / 10]),
    "held/image": u8([2], [1, 1]),
  },
  meta: {},
});
const real = (name: string, answer: Kind["answer"]): [string, Kind] => [
  name,
  { server: strategyNamed(name).server(strategyNamed(name).parse({})), answer },
];
const kinds = new Map([
  real("fedavg", head),
  real("lg-fedavg", head),
  real("fd", means),
  real("fedproto", means),
  ["whose state names clients", { server: believing(), answer: value }] as const,
]);

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tandem-erasure-"));
  await placeTestDatabase(directory);
});
afterAll(() => rm(directory, { recursive: true }));

async function openStores() {
  const store = await openPgliteExperiments({ directory });
  const archive = await openFileBlobs(join(directory, "blobs"));
  const worldOf = ({ server }: Kind) => ({
    ...createStoredWorld({}, { server, store, archive }),
    random,
  });
  return { store, worldOf };
}

/** Every row of every table, and every file that blobs lie in, with its name. */
async function everything(): Promise<string> {
  const database = await PGlite.create(join(directory, "postgres"));
  const { rows: tables } = await database.query<{ name: string }>(
    "select format('%I.%I', table_schema, table_name) as name from information_schema.tables where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')",
  );
  expect(tables.map(({ name }) => name)).toContain("public.metrics");
  const found: string[] = [];
  for (const { name } of tables)
    found.push(name, JSON.stringify((await database.query(`select * from ${name}`)).rows));
  await database.close();
  const blobs = join(directory, "blobs");
  for (const entry of await readdir(blobs, { recursive: true, withFileTypes: true }))
    if (entry.isFile())
      found.push(
        entry.name,
        (await readFile(join(entry.parentPath, entry.name))).toString("latin1"),
      );
  return found.join("\n");
}

type World = ReturnType<Awaited<ReturnType<typeof openStores>>["worldOf"]>;
const adasKey = testKey();
const random = randomNames();

/** Two clients answer two rounds; resolves with all that is Ada's, by what it is. */
async function run(world: World, kind: string, { answer }: Kind) {
  const coordinator = openCoordinator(world);
  const { id } = await coordinator.create(
    experiment({ name: kind, rounds: 2, slots: 4, minClients: 2, deadlineMs: 3_600_000 }),
  );
  const words: Record<string, string> = {};
  const refused: string[] = [];
  for (const [slot, who] of [
    [0, "Ada"],
    [2, "Grace"],
  ] as const) {
    const { client, server } = createMemoryPair(world);
    const key = who === "Ada" ? adasKey : testKey();
    const channel = signing(client, key);
    coordinator.connect(server);
    const name = `${who} of ${kind}`;
    const device = `device of ${name}`;
    const wish = { version: protocolVersion, experiment: id, slot, name, device };
    const reply = await channel.request("join", wish);
    if (!reply.ok) throw new Error(reply.error.message);
    const own: Record<string, string> = who === "Ada" ? words : {};
    const { token } = reply;
    Object.assign(own, { name, device, token: hashToken(token) });
    if (kind.includes("names")) own.state = `believed/${reply.client}`;
    channel.on("instruct", async ({ round }) => {
      const bytes = await packPayload(answer(slot + round + kind.length / 100));
      const hash = await coordinator.blobs.put(token, bytes);
      own[`hash of ${round}`] = hash;
      own[`bytes of ${round}`] = Buffer.from(bytes).toString("latin1");
      const metrics = { accuracy: (0.31 * slot + round) / 77.7 + kind.length / 10_000 };
      own[`accuracy of ${round}`] = String(metrics.accuracy);
      const answered = await channel.upload({ round, hash, metrics });
      if (!answered.ok) refused.push(answered.error.message);
    });
    await channel.request("ready", { samples: 10, device });
  }
  await coordinator.start(id);
  await until(world, async () => {
    expect(refused).toEqual([]);
    return (await coordinator.view(id)).status === "finished";
  });
  const { rounds } = await coordinator.view(id);
  expect(rounds.map(({ uploads }) => uploads)).toEqual([2, 2]);
  await coordinator.close();
  return { id, words };
}

async function eraseAda(world: World, id: ExperimentId): Promise<void> {
  const coordinator = openCoordinator(world);
  const { erase } = visitor({ world, coordinator, id }, adasKey);
  expect(await erase()).toEqual({ ok: true, found: true });
  const { rounds, clients } = await coordinator.view(id);
  expect(rounds.map(({ uploads }) => uploads)).toEqual([2, 2]);
  expect(clients.map(({ status }) => status).sort()).toEqual(["away", "erased"]);
  await coordinator.close();
}

it("nothing of who has it erased is in any table or blob, with whatever strategy, where all of it was", async () => {
  const first = await openStores();
  const all: { kind: string; id: ExperimentId; words: Record<string, string> }[] = [];
  for (const [name, kind] of kinds)
    all.push({ kind: name, ...(await run(first.worldOf(kind), name, kind)) });
  await first.store.close();
  const missing = (text: string, words: Record<string, string>) =>
    Object.keys(words).filter((what) => !text.includes(words[what]));
  const before = await everything();
  expect(before).toContain(adasKey.public);
  for (const { kind, words } of all) {
    expect([kind, missing(before, words)]).toEqual([kind, []]);
    expect(Object.keys(words).length).toBeGreaterThanOrEqual(9);
  }
  const second = await openStores();
  for (const { kind, id } of all) {
    const found = kinds.get(kind);
    if (found) await eraseAda(second.worldOf(found), experimentId(id));
  }
  await second.store.close();
  const after = await everything();
  expect(after).not.toContain(adasKey.public);
  for (const { kind, words } of all)
    expect([kind, missing(after, words)]).toEqual([kind, Object.keys(words)]);
  for (const { kind } of all) expect(after).toContain(`Grace of ${kind}`);
}, 120_000);
