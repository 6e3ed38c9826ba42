import type { BlobHash, ExperimentId } from "@tandem/core/ids";
import { protocolVersion } from "@tandem/protocol/events";
import { encodePayload, mostUploadBytes } from "@tandem/protocol/payload-codec";
import { sha256Hex } from "@tandem/protocol/sha256";
import { blobsOf } from "@tandem/storage/garbage";
import { describe, expect, it } from "vitest";
import type { BlobUpkeep } from "./ports";
import { createStoredWorld } from "./testing/stored-world";
import { experiment, openCoordinator, settled, until, value } from "./testing/world";

const payload = (of: number) => encodePayload(value(of));
const junk = (of: number, size = 1000) => new Uint8Array(size).fill(of);

function study(change: Partial<BlobUpkeep> = {}) {
  const { archive, ...world } = createStoredWorld(change);
  const coordinator = openCoordinator(world);
  const bytes = async () => (await archive.list()).reduce((sum, one) => sum + one.bytes, 0);
  return { world, archive, coordinator, bytes };
}
type Study = ReturnType<typeof study>;

/** A client that puts its blobs as over HTTP. */
async function joined(
  { world, coordinator }: Pick<Study, "world" | "coordinator">,
  id: ExperimentId,
) {
  const { client, server } = world.pair({ blobs: world.blobs, meter: coordinator.meter });
  coordinator.connect(server);
  const reply = await client.request("join", {
    version: protocolVersion,
    experiment: id,
    device: "test",
  });
  if (!reply.ok) throw new Error(reply.error.message);
  await client.request("ready", { samples: 10, device: "test" });
  const asked: BlobHash[] = [];
  client.on("instruct", ({ hash }) => asked.push(hash));
  const { token } = reply;
  const put = (bytes: Uint8Array) => coordinator.blobs.put(token, bytes);
  const upload = (hash: BlobHash, round = 1) => client.upload({ round, hash, metrics: {} });
  return { ...reply, channel: client, put, upload, asked };
}

const collecting = async ({ world, coordinator }: Study, id: ExperimentId) => {
  await coordinator.start(id);
  await until(world, async () => (await coordinator.view(id)).phase === "collecting");
  await settled(world);
};

const one = experiment({ slots: 2, minClients: 1, rounds: 2, deadlineMs: 3_600_000 });

describe("a blob", () => {
  it("is read by those whom it concerns, and by nobody else", async () => {
    const given = study();
    const { coordinator } = given;
    const [{ id }, { id: copy }] = [await coordinator.create(one), await coordinator.create(one)];
    const [a, b, other] = [
      await joined(given, id),
      await joined(given, id),
      await joined(given, copy),
    ];
    await collecting(given, id);
    const may = (who: { readonly token: string }, hash: BlobHash | undefined) =>
      coordinator.blobs.mayRead(who.token, hash as BlobHash);
    const own = [a.shard?.hash, a.test?.hash, a.vocabulary.hash, a.asked[0]];
    for (const hash of own) expect(await may(a, hash)).toBe(true);
    expect(await may(b, a.shard?.hash)).toBe(false);
    expect(await may({ token: "a-token-of-nobody" }, a.test?.hash)).toBe(false);
    // Who copies the settings has what its own place has.
    expect(other.shard?.hash).toBe(a.shard?.hash);
    expect(await may(other, b.shard?.hash)).toBe(false);
    const uploaded = await a.put(payload(1));
    expect(await may(b, uploaded)).toBe(false);
    const { strategyState } = (await given.world.store.get(id)).state;
    await coordinator.pause(id);
    expect(await may(a, strategyState as BlobHash)).toBe(
      a.asked.includes(strategyState as BlobHash),
    );
    await a.channel.request("leave", {});
    expect(await may(a, a.shard?.hash)).toBe(false);
  });

  it("of somebody else's is not to be told from one that is not there", async () => {
    const given = study();
    const { id } = await given.coordinator.create(one);
    const [a, b] = [await joined(given, id), await joined(given, id)];
    await collecting(given, id);
    const secret = await a.put(junk(7));
    const tell = async (hash: BlobHash) => (await b.upload(hash)) as object;
    expect(await tell(secret)).toEqual(await tell(await sha256Hex(junk(8))));
    expect(await tell(secret)).toMatchObject({ error: { code: "not-found" } });
    expect(await b.upload(await b.put(junk(9)))).toMatchObject({
      error: { code: expect.stringMatching(/^bad-/) },
    });
  });

  it("is written when somebody joins, not when an experiment is made", async () => {
    const given = study();
    const { id } = await given.coordinator.create(one);
    await given.coordinator.vacancies(id);
    expect(await given.bytes()).toBe(0);
    const { shard } = await joined(given, id);
    expect(await given.archive.has(shard?.hash as BlobHash)).toBe(true);
  });

  it("goes with its experiment, but for what others need", async () => {
    const given = study();
    const { coordinator, world, archive } = given;
    const [{ id }, { id: copy }] = [await coordinator.create(one), await coordinator.create(one)];
    const [mine, theirs] = [await joined(given, id), await joined(given, copy)];
    await collecting(given, id);
    await collecting(given, copy);
    const waiting = await mine.put(junk(1));
    const taken = await mine.put(payload(2));
    const same = await theirs.put(payload(3));
    expect([await mine.upload(taken), await theirs.upload(same)]).toMatchObject([
      { ok: true },
      { ok: true },
    ]);
    await settled(world);
    expect(await mine.upload(await mine.put(payload(3)), 2)).toMatchObject({ ok: true });
    await settled(world);
    await coordinator.remove(id);
    const left = async (...hashes: BlobHash[]) =>
      Promise.all(hashes.map((hash) => archive.has(hash)));
    expect(await left(waiting, taken)).toEqual([false, false]);
    expect(await left(same, theirs.shard?.hash as BlobHash)).toEqual([true, true]);
    for (const hash of await blobsOf(world.store, copy))
      expect(await archive.has(hash as BlobHash), hash).toBe(true);
    await coordinator.remove(copy);
    expect(await archive.list()).toEqual([]);
  });
});

describe("uploads", () => {
  it("of one client wait up to a bound, and room comes back when they are judged or of no use", async () => {
    const given = study();
    const { id } = await given.coordinator.create(one);
    const a = await joined(given, id);
    await collecting(given, id);
    const before = await given.bytes();
    const hashes = [];
    for (let i = 1; i <= 4; i++) hashes.push(await a.put(junk(i, mostUploadBytes)));
    await expect(a.put(junk(5))).rejects.toMatchObject({
      code: "full",
      message: expect.stringMatching(/waiting to be taken.*name an upload/),
    });
    expect(await a.upload(hashes[0])).toMatchObject({ ok: false });
    await settled(given.world);
    expect(await given.archive.has(hashes[0])).toBe(false);
    await a.put(junk(6));
    await a.channel.request("leave", {});
    await settled(given.world);
    expect(await given.bytes()).toBe(before);
  });

  it("that are taken stay, whoever leaves while they are judged", async () => {
    const given = study();
    const { id } = await given.coordinator.create(one);
    const [a, b] = [await joined(given, id), await joined(given, id)];
    await collecting(given, id);
    const hash = await a.put(payload(4));
    expect(await b.put(payload(4))).toBe(hash);
    const judged = a.upload(hash);
    await b.channel.request("leave", {});
    expect(await judged).toMatchObject({ ok: true });
    await a.channel.request("leave", {});
    await settled(given.world);
    expect(await given.archive.has(hash)).toBe(true);
  });

  it("find no room beyond what the experiment may hold, or where the disk is nearly full", async () => {
    const used = new Map<ExperimentId, number>();
    let free = 10_000;
    const given = study({
      experimentBytes: 5000,
      usedBytes: used,
      freeBytes: async () => free,
    });
    const { id } = await given.coordinator.create(one);
    used.set(id, 1000); // from before the server has started
    const a = await joined(given, id);
    await a.put(junk(1, 3000));
    await expect(a.put(junk(2, 3000))).rejects.toMatchObject({
      code: "full",
      message: expect.stringMatching(
        /This experiment holds .* of the 5\.00 kB.*--experiment-storage/,
      ),
    });
    await expect(given.coordinator.blobs.admit(a.token, 3000)).rejects.toMatchObject({
      code: "full",
    });
    free = 1500;
    await expect(a.put(junk(3, 600))).rejects.toMatchObject({
      code: "full",
      message: expect.stringMatching(/disk has 1\.50 kB left/),
    });
    await expect(given.coordinator.blobs.admit("a-token-of-nobody", 1)).rejects.toMatchObject({
      code: "unauthorised",
    });
  });
});
