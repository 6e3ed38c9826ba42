import type { BlobHash, ExperimentId } from "@tandem/core/ids";
import { type UploadStatement, uploadStatement } from "@tandem/protocol/device-key";
import { protocolVersion, type TandemRequests } from "@tandem/protocol/events";
import { packPayload } from "@tandem/protocol/payload-codec";
import { createMemoryPair } from "@tandem/transport/memory";
import { describe, expect, it } from "vitest";
import { roundState } from "./round/round-document";
import { sharedKey, signedJoin, signing, testKey } from "./testing/signing";
import {
  type Answer,
  begin,
  createWorld,
  openCoordinator,
  settled,
  until,
  value,
  type World,
} from "./testing/world";

const silence: Answer = () => "silence";
const joining = (experiment: ExperimentId, token?: string) => ({
  version: protocolVersion,
  experiment,
  device: "test",
  ...(token !== undefined && { token }),
});
type Join = TandemRequests["join"]["request"];
type Upload = TandemRequests["upload"]["request"];

/** A connection whose client has a key of its own. */
function connect(world: World, coordinator: ReturnType<typeof openCoordinator>, key = testKey()) {
  const { client, server } = createMemoryPair(world);
  coordinator.connect(server);
  return { raw: client, key, channel: signing(client, key) };
}

describe("a place", () => {
  it("is not had with its token alone, over whatever connection", async () => {
    const world = createWorld();
    const { coordinator, id, clients } = await begin(world, [silence, silence]);
    const [owner] = clients;
    const token = owner.token() ?? "";
    const thief = connect(world, coordinator);
    expect(await thief.channel.request("join", joining(id, token))).toMatchObject({
      error: { code: "unauthorised", message: expect.stringContaining("key that is not here") },
    });
    expect(await owner.channel.request("ready", { samples: 10, device: "test" })).toEqual({
      ok: true,
    });
    const others = await coordinator.view(id);
    expect(others.clients.map(({ status }) => status)).toEqual(["ready", "ready"]);
    // The same key may come back over another connection, also to a server that has started again.
    const back = world.pair({ blobs: world.blobs, meter: coordinator.meter });
    coordinator.connect(back.server);
    const reply = await back.client.request("join", joining(id, token));
    expect(reply).toMatchObject({ ok: true, token, slot: 0 });
    await coordinator.close();
    const later = openCoordinator(world);
    await later.recover();
    const again = connect(world, later);
    expect(await again.channel.request("join", joining(id, token))).toMatchObject({
      error: { code: "unauthorised" },
    });
  });

  it("is not had by who sends a join again, signs another challenge or has no key", async () => {
    const world = createWorld();
    const { coordinator, id } = await begin(world, [silence]);
    const one = connect(world, coordinator);
    const code = async ({ raw }: typeof one, body: Join) => {
      const reply = await raw.request("join", body);
      return reply.ok ? reply.token : reply.error.code;
    };
    const heard = await signedJoin(one.raw.request, joining(id), one.key);
    const token = await code(one, heard);
    const other = connect(world, coordinator);
    expect(await code(other, heard)).toBe("stale");
    await other.raw.request("challenge", {});
    expect(await code(other, heard)).toBe("bad-message");
    // The token is part of what is signed, and a challenge serves once.
    const signed = await signedJoin(other.raw.request, joining(id), one.key);
    expect(await code(other, { ...signed, token })).toBe("bad-message");
    expect(await code(other, signed)).toBe("stale");
    const none = { public: `B${"A".repeat(86)}`, proof: "A".repeat(86) };
    await other.raw.request("challenge", {});
    expect(await code(other, { ...joining(id), key: none })).toBe("bad-message"); // no point of the curve
    await other.raw.request("challenge", {});
    expect(await code(other, joining(id))).toBe("not-supported");
  });

  it("from before there were keys is bound to the first that comes with its token", async () => {
    const world = createWorld();
    const { coordinator, id, clients } = await begin(world, [silence]);
    const token = clients[0].token() ?? "";
    await coordinator.close();
    const [{ key: _, ...record }] = await world.store.clients(id);
    await world.store.commit(id, { clients: [record] });
    expect((await world.store.clients(id))[0].key).toBeUndefined();
    const later = openCoordinator(world);
    await later.recover();
    const [first, second] = [connect(world, later), connect(world, later)];
    expect(await first.channel.request("join", joining(id, token))).toMatchObject({ token });
    expect((await world.store.clients(id))[0].key).toBe(first.key.public);
    expect(await second.channel.request("join", joining(id, token))).toMatchObject({
      error: { code: "unauthorised" },
    });
  });
});

describe("an upload", () => {
  /** The second round of an experiment whose first client has answered the first, with what it could say. */
  async function inRoundTwo() {
    const world = createWorld();
    const config = { slots: 2, minClients: 2 };
    const { coordinator, id, clients } = await begin(world, [silence, silence], config);
    const collecting = (round: number) =>
      until(world, async () => {
        const view = await coordinator.view(id);
        return view.round === round && view.phase === "collecting";
      });
    const [{ channel }, other] = clients;
    const signed = async (round: number, of: number, change: Partial<UploadStatement> = {}) => {
      await collecting(round);
      await settled(world);
      const { state } = await world.store.get(id);
      const instruction = roundState(state).instructions.get("p0000")?.hash as BlobHash;
      const hash = await world.blobs.put(await packPayload(value(of)));
      const statement = { experiment: id, client: "p0000", round, instruction, hash, ...change };
      const signature = sharedKey.signNow(uploadStatement(statement));
      return { round, instruction, hash, metrics: {}, signature };
    };
    const first = await signed(1, 1);
    const send = (body: Upload) => channel.request("upload", body);
    expect(await send(first)).toEqual({ ok: true, duplicate: false });
    await other.upload(1, value(2));
    const own = await signed(2, 3);
    const refused = async () => (await coordinator.view(id)).rounds[1].refused;
    return { first, own, other, send, signed, refused };
  }
  type Given = Awaited<ReturnType<typeof inRoundTwo>>;

  it.each<[string, (given: Given) => Upload | Promise<Upload>]>([
    ["replayed from another round", ({ first }) => ({ ...first, round: 2 })],
    ["altered on its way", ({ own, first }) => ({ ...own, hash: first.hash })],
    ["of another instruction", ({ own, first }) => ({ ...own, instruction: first.instruction })],
    ["for another experiment", ({ signed }) => signed(2, 3, { experiment: "another" })],
    ["of another client", ({ signed }) => signed(2, 3, { client: "p0001" })],
    ["with any signature", ({ own }) => ({ ...own, signature: "A".repeat(86) })],
  ])("%s is refused and counted, and the client's own is taken", async (_, upload) => {
    const given = await inRoundTwo();
    expect(await given.send(await upload(given))).toMatchObject({
      error: { code: "unauthorised", message: expect.stringContaining("key has signed") },
    });
    expect(await given.refused()).toBe(1);
    expect(await given.send(given.own)).toEqual({ ok: true, duplicate: false });
    expect(await given.send(given.own)).toEqual({ ok: true, duplicate: true });
  });

  it("that answers what the round has not asked is refused, though it is signed", async () => {
    const { first, send, signed, refused } = await inRoundTwo();
    const { instruction } = first;
    const upload = { ...(await signed(2, 3, { instruction })), instruction };
    expect(await send(upload)).toMatchObject({
      error: { code: "stale", message: expect.stringContaining("another instruction") },
    });
    expect(await refused()).toBe(1);
  });
});
