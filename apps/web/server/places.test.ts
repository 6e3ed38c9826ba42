import { signing } from "@tandem/coordinator/testing/signing";
import { experiment, value } from "@tandem/coordinator/testing/world";
import { protocolVersion } from "@tandem/protocol/events";
import { packPayload } from "@tandem/protocol/payload-codec";
import type { ExperimentView } from "@tandem/protocol/view";
import { connectSocket } from "@tandem/transport/socket-client";
import { expect, onTestFinished, test } from "vitest";
import { from, openServer } from "./testing/open-server";

type Server = Awaited<ReturnType<typeof openServer>>;

/** A client in the experiment, over a real connection. */
async function joined(server: Server, id: ExperimentView["id"]) {
  const channel = signing(connectSocket({ url: server.url }));
  onTestFinished(() => channel.close());
  await new Promise<void>((resolve) => channel.onConnection((up) => up && resolve()));
  const join = { version: protocolVersion, experiment: id, device: "test" };
  const reply = await channel.request("join", join);
  if (!reply.ok) throw new Error(reply.error.message);
  return { channel, join, ...reply };
}

test("whoever runs an experiment removes a participant, which is told so and stays out", async () => {
  const server = await openServer();
  const { id } = await server.coordinator.create(experiment({ slots: 2, minClients: 1 }));
  const { channel, join, client, token } = await joined(server, id);
  const told = new Promise((resolve) => channel.on("dismissed", resolve));
  const remove = (who: string, body: object = {}) =>
    fetch(`${server.url}/api/experiments/${id}/clients/${who}/remove`, {
      method: "POST",
      body: JSON.stringify(body),
    });
  expect((await remove("nobody")).status).toBe(404);
  expect((await remove(client, { address: "yes" })).status).toBe(400);
  const view: ExperimentView = await (await remove(client)).json();
  expect(view.clients).toEqual([]);
  expect(await told).toEqual({ reason: expect.stringContaining("has removed this tab") });
  expect(await channel.request("join", { ...join, token })).toMatchObject({
    error: { code: "forbidden" },
  });
  const other = await joined(server, id);
  await remove(other.client, { address: true });
  expect(await channel.request("join", join)).toMatchObject({
    error: { code: "forbidden", message: expect.stringContaining("network's address") },
  });
  const readmit = (one: string) =>
    fetch(`${server.url}/api/experiments/${id}/kept-out/${one}`, { method: "DELETE" });
  const [kept] = (await server.coordinator.view(id)).keptOut;
  expect((await readmit("nobody")).status).toBe(404);
  expect((await readmit(kept.id)).status).toBe(204);
  expect(await channel.request("join", join)).toMatchObject({ ok: true });
});

test("who has agreed to fewer rounds loses its connection, comes again by itself, and is asked", async () => {
  const server = await openServer();
  const { id } = await server.coordinator.create(experiment({ slots: 2, minClients: 2 }));
  const { channel, join, client, token } = await joined(server, id);
  const { consent } = await server.coordinator.vacancies(id);
  const again = { ...join, token, consent: consent.hash };
  expect(await channel.request("join", again)).toMatchObject({ ok: true, rounds: 3 });
  const seen: (readonly unknown[])[] = [];
  const back = new Promise<void>((resolve) =>
    channel.onConnection((...change) => {
      if (seen.push(change) > 1 && change[0]) resolve();
    }),
  );
  await server.coordinator.extend(id, 2);
  await back;
  expect(seen.slice(1)).toEqual([[false, false], [true]]);
  expect(await channel.request("join", again)).toMatchObject({ error: { code: "stale" } });
  const { hash } = (await server.coordinator.vacancies(id)).consent;
  const agreed = await channel.request("join", { ...again, consent: hash });
  expect(agreed).toMatchObject({ ok: true, client, rounds: 5 });
});

test("whoever runs an experiment has erased what is kept of a participant that asks them to", async () => {
  const server = await openServer();
  const { id } = await server.coordinator.create(experiment({ slots: 2, minClients: 1 }));
  const { channel, client, token } = await joined(server, id);
  const told = new Promise((resolve) => channel.on("dismissed", resolve));
  const asked = new Promise<number>((resolve) =>
    channel.on("instruct", ({ round }) => resolve(round)),
  );
  await channel.request("ready", { samples: 10, device: "test" });
  await server.coordinator.start(id);
  const round = await asked;
  const hash = await channel.putBlob(await packPayload(value(3)), token);
  expect(await channel.upload({ round, hash, metrics: { accuracy: 0.5 } })).toMatchObject({
    ok: true,
  });
  const erase = (who: string) =>
    fetch(`${server.url}/api/experiments/${id}/clients/${who}/erase`, { method: "POST" });
  expect((await erase("nobody")).status).toBe(404);
  const view: ExperimentView = await (await erase(client)).json();
  expect(view.clients).toMatchObject([{ id: client, name: "", status: "erased" }]);
  expect(await told).toEqual({ reason: expect.stringContaining("erased, as whoever runs") });
  expect((await server.store.metrics(id)).filter((one) => one.client !== undefined)).toEqual([]);
  expect(JSON.stringify(await server.store.events(id))).not.toContain(hash);
  expect((await erase(client)).status).toBe(404);
});

test("a blob is read by whom it concerns; to all others it is as if it were not there", async () => {
  const server = await openServer();
  const { id } = await server.coordinator.create(experiment({ slots: 2, minClients: 1 }));
  expect(await server.blobs.list()).toEqual([]); // nothing is written before somebody joins
  const [mine, other] = [await joined(server, id), await joined(server, id)];
  const shard = mine.shard?.hash ?? "";
  const get = async (hash: string, token?: string) => {
    const headers = token ? { authorization: `Bearer ${token}` } : undefined;
    const options = headers && { headers };
    const { status, body } = await from("127.0.0.1", `${server.url}/api/blobs/${hash}`, options);
    return `${status} ${body}`;
  };
  expect(await get(shard, mine.token)).toMatch(/^200 /);
  const none = await get("0".repeat(64));
  expect(none).toMatch(/^404 /);
  for (const token of [other.token, "a-token-of-nobody", undefined])
    expect(await get(shard, token)).toBe(none);
  expect(await get("0".repeat(64), mine.token)).toBe(none);
  await mine.channel.request("leave", {});
  expect(await get(shard, mine.token)).toBe(none);
  await server.coordinator.remove(id);
  expect(await get(shard, other.token)).toBe(none);
});
