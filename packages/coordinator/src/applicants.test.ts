import { experimentId } from "@tandem/core/ids";
import { protocolVersion, type TandemRequests } from "@tandem/protocol/events";
import { describe, expect, it } from "vitest";
import { type TestKey, testKey } from "./testing/signing";
import { createWorld, experiment, openCoordinator, type World } from "./testing/world";

type Wish = Partial<TandemRequests["join"]["request"]>;

async function open(world: World, known?: string) {
  const coordinator = openCoordinator(world);
  const config = experiment({ admission: "approval", slots: 4, minClients: 1 });
  const id = experimentId(known ?? (await coordinator.create(config)).id);
  const { hash: consent } = (await coordinator.vacancies(id)).consent;
  function come(address = "memory", key?: TestKey) {
    const { client, server } = world.pair({ blobs: world.blobs, meter: coordinator.meter }, key);
    coordinator.connect({ ...server, address });
    const common = { version: protocolVersion, experiment: id, device: "webgl", consent };
    return (wish: Wish = {}) => client.request("join", { ...common, ...wish });
  }
  const waiting = () => coordinator.applicants(id);
  return { coordinator, id, come, waiting };
}

/** The token of who is told to wait. */
function waits(reply: TandemRequests["join"]["reply"]): string {
  if (reply.ok || !("token" in reply)) throw new Error(JSON.stringify(reply));
  expect(reply.error.code).toBe("waiting");
  return reply.token;
}

const refusal = (code: string, message: RegExp) => ({
  error: { code, message: expect.stringMatching(message) },
});

describe("a study by approval", () => {
  it("has whoever comes wait, and lets in whom it is told to, also after a restart", async () => {
    const world = createWorld();
    const { coordinator, id, come, waiting } = await open(world);
    const token = waits(await come()({ name: " Ada " }));
    world.clock.advance(1);
    const other = waits(await come()());
    expect(waits(await come()({ token }))).toBe(token); // asks again, and is the same
    const shown = await waiting();
    expect(shown).toMatchObject([{ name: "Ada", device: "webgl" }, { name: "No name" }]);
    expect(JSON.stringify(shown)).not.toContain(token);
    expect((await coordinator.view(id)).clients).toEqual([]);
    await coordinator.close();

    const after = await open(world, id);
    expect(waits(await after.come()({ token }))).toBe(token);
    expect(waits(await after.come("memory", testKey())({ token }))).not.toBe(token);
    await after.coordinator.decide(id, shown[0].id, "accepted");
    await after.coordinator.decide(id, shown[1].id, "refused");
    expect(await after.come()({ token })).toMatchObject({ ok: true, token });
    expect(await after.come()({ token: other })).toMatchObject(refusal("forbidden", /not let/));
    expect(await after.waiting()).toHaveLength(1); // who had the token alone
    const thief = await after.come("memory", testKey())({ token });
    expect(thief).toMatchObject(refusal("unauthorised", /belongs to a key/));
    const again = after.coordinator.decide(id, shown[1].id, "accepted");
    await expect(again).rejects.toMatchObject({ code: "not-found" });
  });

  it("hears one of two decisions that come at once", async () => {
    const { coordinator, id, come, waiting } = await open(createWorld());
    waits(await come()());
    const [{ id: applicant }] = await waiting();
    const decided = await Promise.allSettled(
      (["accepted", "refused"] as const).map((verdict) =>
        coordinator.decide(id, applicant, verdict),
      ),
    );
    expect(decided.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  });

  it("lets one who is let in have one place at a time, and none once removed", async () => {
    const { coordinator, id, come, waiting } = await open(createWorld());
    const token = waits(await come()());
    const [{ id: applicant }] = await waiting();
    await coordinator.decide(id, applicant, "accepted");
    await come()({ token });
    expect(await come()({ token, ownEncoder: true })).toMatchObject({ ok: true, token });
    const { clients } = await coordinator.view(id);
    expect(clients.filter(({ status }) => status === "joined")).toHaveLength(1);
    for (const client of clients) await coordinator.removeClient(id, client.id, { address: false });
    expect(await come()({ token })).toMatchObject(refusal("forbidden", /removed/));
  });

  it("wants to know what was agreed to, and lets no address ask for all places", async () => {
    const places = { readyWithinMs: 60_000, shareOfAddress: 0.5 };
    const { come, waiting } = await open(createWorld({ places }));
    expect(await come()({ consent: "0".repeat(64) })).toMatchObject(refusal("stale", /agree to/));
    const crowd = come("192.0.2.1");
    for (let i = 0; i < 2; i++) waits(await crowd());
    expect(await crowd()).toMatchObject(refusal("full", /asked for/));
    waits(await come("192.0.2.2")());
    expect(await waiting()).toHaveLength(3);
  });
});
