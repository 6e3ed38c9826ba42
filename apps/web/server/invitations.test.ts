import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { signing } from "@tandem/coordinator/testing/signing";
import { experiment } from "@tandem/coordinator/testing/world";
import { protocolVersion } from "@tandem/protocol/events";
import type {
  ApplicantView,
  InvitationView,
  JoiningView,
  NewInvitationView,
} from "@tandem/protocol/view";
import { connectSocket } from "@tandem/transport/socket-client";
import { pino } from "pino";
import { expect, onTestFinished, test } from "vitest";
import { openServer } from "./testing/open-server";

test("an invitation lets one in over a real connection, is listed and revoked, and its secret is told once", async () => {
  const log = new PassThrough();
  const server = await openServer({}, { log: pino({ level: "trace" }, log) });
  const { id } = await server.coordinator.create(
    experiment({ admission: "invitation", slots: 3, minClients: 1 }),
  );
  const path = `${server.url}/api/experiments/${id}`;
  const read = async <T>(name: string) => (await (await fetch(`${path}/${name}`)).json()) as T;
  const make = (body: object) =>
    fetch(`${path}/invitations`, { method: "POST", body: JSON.stringify(body) });
  expect((await make({ uses: 0 })).status).toBe(400);
  expect((await make({ days: 91 })).status).toBe(400);
  const made: NewInvitationView = await (await make({ uses: 1 })).json();
  expect(made.expiresAt - made.createdAt).toBe(7 * 86_400_000);

  const { admission, consent } = await read<JoiningView>("joining");
  expect(admission).toBe("invitation");
  const sent: string[] = [];
  const join = async (invitation?: string) => {
    const channel = connectSocket({ url: server.url, onSent: ({ text: as }) => sent.push(as) });
    onTestFinished(() => channel.close());
    await new Promise<void>((resolve) => channel.onConnection((up) => up && resolve()));
    return signing(channel).request("join", {
      ...{ version: protocolVersion, experiment: id, device: "test", consent: consent.hash },
      ...(invitation && { invitation }),
    });
  };
  expect(await join()).toMatchObject({
    error: { message: expect.stringMatching(/by invitation/) },
  });
  expect(await join("no")).toMatchObject({ error: { code: "bad-message" } });
  expect(await join("no-such-invitation")).toMatchObject({
    error: { message: expect.stringMatching(/revoked/) },
  });
  expect(await join(made.secret)).toMatchObject({ ok: true });
  expect(await join(made.secret)).toMatchObject({
    error: { message: expect.stringMatching(/used as often/) },
  });
  // What the participant's ledger shows.
  expect(sent.filter((message) => message.includes(consent.hash))).toHaveLength(5);
  expect(sent.join()).not.toContain(made.secret);

  const { secret, ...shown } = made;
  expect(await read<InvitationView[]>("invitations")).toEqual([{ ...shown, used: 1 }]);
  const revoke = () => fetch(`${path}/invitations/${made.id}`, { method: "DELETE" });
  expect([(await revoke()).status, (await revoke()).status]).toEqual([204, 404]);
  expect(await read<InvitationView[]>("invitations")).toEqual([]);
  await server.close();
  log.end();
  const logged = await text(log);
  expect(logged).toContain(made.id); // of the request that revoked it
  expect(logged).not.toContain(secret);
});

test("who asks to be let in is listed, and has a place once somebody has said so", async () => {
  const server = await openServer();
  const { id } = await server.coordinator.create(experiment({ admission: "approval" }));
  const { consent } = await server.coordinator.vacancies(id);
  const path = `${server.url}/api/experiments/${id}/applicants`;
  const channel = connectSocket({ url: server.url });
  onTestFinished(() => channel.close());
  await new Promise<void>((resolve) => channel.onConnection((up) => up && resolve()));
  const common = { version: protocolVersion, experiment: id, device: "wasm" };
  const join = (token?: string) =>
    signing(channel).request("join", { ...common, consent: consent.hash, ...(token && { token }) });
  const reply = await join();
  if (reply.ok || !("token" in reply)) throw new Error("it was not told to wait");
  const [applicant, ...others]: ApplicantView[] = await (await fetch(path)).json();
  expect([applicant, others]).toEqual([
    { id: expect.any(String), name: "No name", device: "wasm", at: expect.any(Number) },
    [],
  ]);
  const decide = async (verdict: string) =>
    (await fetch(`${path}/${applicant.id}`, { method: "POST", body: JSON.stringify({ verdict }) }))
      .status;
  expect(await decide("perhaps")).toBe(400);
  expect(await join(reply.token)).toMatchObject({ ok: false, token: reply.token });
  expect([await decide("accepted"), await decide("refused")]).toEqual([204, 404]);
  expect(await join(reply.token)).toMatchObject({ ok: true, token: reply.token });
});

test("an experiment that anybody may join takes no invitations", async () => {
  const server = await openServer();
  const { id } = await server.coordinator.create(experiment());
  const response = await fetch(`${server.url}/api/experiments/${id}/invitations`, {
    method: "POST",
    body: "{}",
  });
  expect(response.status).toBe(409);
  expect((await response.json()).error.message).toMatch(/whose admission is invitation/);
});
