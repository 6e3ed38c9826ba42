import { dayMs } from "@tandem/core/duration";
import { protocolVersion, type TandemRequests } from "@tandem/protocol/events";
import { describe, expect, it } from "vitest";
import {
  createClient,
  createWorld,
  experiment,
  openCoordinator,
  settled,
  until,
  type World,
} from "./testing/world";

type Wish = Partial<TandemRequests["join"]["request"]>;

const other = "0".repeat(64);

/** A study by invitation on a server that says of its strategy that it sends a number. */
async function study(world: World = createWorld()) {
  const coordinator = openCoordinator(world);
  const { id } = await coordinator.create(
    experiment({ admission: "invitation", slots: 4, minClients: 1, rounds: 1000 }),
  );
  return { ...(await open(world, coordinator, id)), world };
}

async function open(
  world: World,
  coordinator: ReturnType<typeof openCoordinator>,
  id: Awaited<ReturnType<typeof coordinator.create>>["id"],
) {
  const { hash: consent } = (await coordinator.vacancies(id)).consent;
  function come() {
    const { client, server } = world.pair({ blobs: world.blobs, meter: coordinator.meter });
    coordinator.connect(server);
    const common = { version: protocolVersion, experiment: id, device: "test" };
    return {
      ...client,
      join: (wish: Wish = {}) => client.request("join", { ...common, consent, ...wish }),
      /** As a client from before there was a consent to name. */
      joinSilently: (wish: Wish = {}) => client.request("join", { ...common, ...wish }),
    };
  }
  const invite = async (uses = 1, days = 7) => {
    const { secret, ...view } = await coordinator.invite(id, { uses, days });
    return { invitation: secret, view };
  };
  return { coordinator, id, consent, come, invite };
}

const refusal = (message: RegExp, code = "forbidden") => ({
  ok: false,
  error: { code, message: expect.stringMatching(message) },
});

describe("a study by invitation", () => {
  it("lets as many in as an invitation says, and tells all others why not", async () => {
    const { world, coordinator, id, come, invite } = await study();
    expect(await come().join()).toMatchObject(refusal(/by invitation: open the whole link/));
    const unknown = "unknown-unknown-unknown";
    expect(await come().join({ invitation: unknown })).toMatchObject(refusal(/revoked/));
    const { invitation } = await invite(2);
    const both = await Promise.all([1, 2, 3].map(() => come().join({ invitation })));
    expect(both.map(({ ok }) => ok)).toEqual([true, true, false]);
    expect(both[2]).toMatchObject(refusal(/used as often as it may be/));
    expect(await coordinator.invitations(id)).toMatchObject([{ uses: 2, used: 2 }]);

    const short = await invite(9, 1);
    world.clock.advance(dayMs - 1);
    expect(await come().join({ invitation: short.invitation })).toMatchObject({ ok: true });
    world.clock.advance(1);
    expect(await come().join({ invitation: short.invitation })).toMatchObject(refusal(/expired/));

    const revoked = await invite();
    await coordinator.revoke(id, revoked.view.id);
    expect(await come().join({ invitation: revoked.invitation })).toMatchObject(refusal(/revoked/));
    await expect(coordinator.revoke(id, revoked.view.id)).rejects.toMatchObject({
      code: "not-found",
    });
  });

  it("takes no use where there is no place, nor from who comes back", async () => {
    const { world, coordinator, id, come, invite } = await study();
    const { invitation } = await invite(5);
    const used = async () => (await coordinator.invitations(id))[0].used;
    const first = come();
    const reply = await first.join({ invitation, slot: 1 });
    if (!reply.ok) throw new Error(reply.error.message);
    expect(await come().join({ invitation, slot: 1 })).toMatchObject({ error: { code: "full" } });
    expect(await used()).toBe(1);
    first.close();
    await settled(world);
    // As itself, and as one that has come to train something else.
    expect(await come().join({ token: reply.token })).toMatchObject({ client: reply.client });
    const again = await come().join({ token: reply.token, ownEncoder: true });
    expect(again).toMatchObject({ ok: true });
    expect(await used()).toBe(1);
  });

  it("lets who has lost the place in again with its token, into one place", async () => {
    const world = createWorld();
    const config = { admission: "invitation", slots: 2, minClients: 1, rounds: 1000 };
    const coordinator = openCoordinator(world);
    const { id } = await coordinator.create(experiment(config));
    const { come, invite } = await open(world, coordinator, id);
    const { invitation } = await invite(2);
    const first = createClient(world, coordinator, id, { slot: 0, invitation });
    expect(await first.join()).toBe(true);
    await coordinator.start(id);
    await until(world, async () => (await coordinator.view(id)).round > 1); // it has answered
    const token = first.token() ?? "";
    await first.channel.request("leave", {});
    expect(await come().join({ slot: 0, invitation })).toMatchObject({ ok: true });
    expect(await come().join({ token })).toMatchObject({ ok: true, slot: 1 });
    await coordinator.removeClient(id, "p0000-2", { address: false });
    expect(await come().join({ token })).toMatchObject(refusal(/by invitation/));
  });

  it("does not let a removed participant in again by a link that has been used", async () => {
    const { coordinator, id, come, invite } = await study();
    const { invitation } = await invite();
    const reply = await come().join({ invitation });
    if (!reply.ok) throw new Error(reply.error.message);
    await coordinator.removeClient(id, reply.client, { address: false });
    expect(await come().join({ invitation })).toMatchObject(refusal(/used as often/));
    expect(await come().join({ invitation, token: reply.token })).toMatchObject(refusal(/removed/));
  });

  it("keeps its secret out of the store and of what anybody is shown", async () => {
    const { world, coordinator, id, come, invite } = await study();
    const { invitation } = await invite(2);
    await come().join({ invitation });
    const shown = [
      await world.store.invitations(id),
      await coordinator.invitations(id),
      await coordinator.view(id),
      await coordinator.vacancies(id),
      await world.store.clients(id),
    ];
    expect(JSON.stringify(shown)).not.toContain(invitation);
  });

  it("goes on after a restart with what has been used", async () => {
    const { world, coordinator, id, invite } = await study();
    const { invitation } = await invite(2);
    const before = await open(world, coordinator, id);
    await before.come().join({ invitation });
    await coordinator.close();
    const after = await open(world, openCoordinator(world), id);
    expect(await after.come().join({ invitation })).toMatchObject({ ok: true });
    expect(await after.come().join({ invitation })).toMatchObject(refusal(/used as often/));
  });
});

describe("what somebody agrees to", () => {
  it("is named by who joins; of another version they are asked again", async () => {
    const { come, invite } = await study();
    const { invitation } = await invite();
    expect(await come().join({ invitation, consent: other })).toMatchObject(
      refusal(/changed since you agreed/, "stale"),
    );
    expect(await come().joinSilently({ invitation })).toMatchObject(
      refusal(/does not say what you agree to/, "stale"),
    );
    expect(await come().join({ invitation })).toMatchObject({ ok: true });
  });

  it("changes with what leaves a tab: who comes back is asked again, and older invitations end", async () => {
    const { world, coordinator, id, come, invite, consent } = await study();
    const { invitation } = await invite(3);
    const reply = await come().join({ invitation });
    if (!reply.ok) throw new Error(reply.error.message);
    await coordinator.close();

    const after = await open(world, openCoordinator({ ...world, disclosure: "Two numbers." }), id);
    expect(after.consent).not.toBe(consent);
    const { token } = reply;
    expect(await after.come().join({ token, consent })).toMatchObject(
      refusal(/changed since you agreed/, "stale"),
    );
    expect(await after.come().join({ token })).toMatchObject({ client: reply.client });
    expect(await after.come().join({ invitation })).toMatchObject(refusal(/since this invitation/));
    expect(await after.coordinator.invitations(id)).toMatchObject([{ isOutdated: true }]);
    const { terms } = (await after.coordinator.vacancies(id)).consent;
    expect(terms).toContainEqual({ what: "Sent", said: "Two numbers." });
  });

  it("need not be named in an open study, as before there was such a thing, and no invitation is made", async () => {
    const world = createWorld();
    const coordinator = openCoordinator(world);
    const { id, config } = await coordinator.create(experiment());
    expect(config.admission).toBe("open");
    const { come, invite } = await open(world, coordinator, id);
    expect(await come().joinSilently()).toMatchObject({ ok: true });
    await expect(invite()).rejects.toMatchObject({ code: "conflict" });
  });
});
