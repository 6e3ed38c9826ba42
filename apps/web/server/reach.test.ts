import { once } from "node:events";
import { mkdtemp, rm, stat } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { io } from "socket.io-client";
import { expect, onTestFinished, test } from "vitest";
import { fingerprintOf, ownCertificate } from "./own-certificate";
import { reachOf } from "./reach";
import { from, openServer } from "./testing/open-server";

const nothing = { port: 3000, lan: false };
async function folder() {
  const directory = await mkdtemp(join(tmpdir(), "tandem-reach-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}
const isOpen = (host: string, port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, host, () => resolve(true));
    socket.once("error", () => resolve(false));
    onTestFinished(() => void socket.destroy());
  });

test("without being told otherwise, this machine alone gets in, and the console says how others do", async () => {
  const { tls, listen } = await reachOf(nothing, "");
  const { host, hint } = listen(false);
  expect(tls).toBeUndefined();
  expect(hint).toMatch(/^Only this machine can open it: --lan/);
  const { port, url } = await openServer({}, { host });
  expect((await from("127.0.0.1", `${url}/healthz`)).status).toBe(200);
  expect(await isOpen("127.0.0.2", port)).toBe(false); // on all addresses it would be
  const all = await reachOf({ ...nothing, host: "0.0.0.0" }, "");
  expect(all.listen(false).hint).toMatch(
    /^Whoever reaches 0\.0\.0\.0:3000 can open it, without TLS/,
  );
  const owned = listen(true); // by then there is somebody to let others in
  expect(owned.host).toBeUndefined();
  expect(owned.hint).toMatch(/^Whoever reaches any address of this machine at port 3000/);
});

test("a certificate of its own serves https and sockets, is kept, and its fingerprint is told", async () => {
  const directory = await folder();
  const reach = await reachOf({ ...nothing, lan: true }, directory);
  const { cert = "" } = reach.tls ?? {};
  const { port } = await openServer({}, { tls: reach.tls, publicUrl: reach.publicUrl });
  const asked = request({ host: "localhost", port, path: "/healthz", ca: cert }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  expect(response.statusCode).toBe(200);
  expect(response.headers["strict-transport-security"]).toBeUndefined(); // people go past a warning
  const socket = io(`https://localhost:${port}`, { transports: ["websocket"], ca: cert });
  onTestFinished(() => void socket.close());
  await new Promise((resolve) => socket.once("connect", () => resolve(undefined)));
  expect(reach.listen(false).hint).toContain(`\n${fingerprintOf({ cert, key: "" })}`);
  expect(reach.publicUrl?.protocol).toBe("https:");
  expect((await stat(join(directory, "tls/key.pem"))).mode & 0o077).toBe(0);
  expect((await reachOf({ ...nothing, lan: true }, directory)).tls?.cert).toBe(cert);
  const moved = await ownCertificate(join(directory, "tls"), ["198.51.100.7"]);
  expect(moved.cert).not.toBe(cert); // it has another address now
});

test("with a certificate of one's own, browsers are told to stay with https", async () => {
  const directory = await folder();
  await ownCertificate(directory);
  const files = { tlsCert: join(directory, "cert.pem"), tlsKey: join(directory, "key.pem") };
  const { tls } = await reachOf({ ...nothing, ...files }, "");
  const { port } = await openServer({}, { tls });
  const asked = request({ host: "localhost", port, path: "/healthz", ca: tls?.cert }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  expect(response.headers["strict-transport-security"]).toBe("max-age=31536000");
});

test("options of TLS that do not go together are refused, and a file that is not there by name", async () => {
  const refused = (flags: object) => reachOf({ ...nothing, ...flags }, "");
  await expect(refused({ tlsCert: "a" })).rejects.toThrow(/both --tls-cert and --tls-key/);
  await expect(refused({ lan: true, tlsCert: "a", tlsKey: "b" })).rejects.toThrow(/leave out/);
  await expect(refused({ tlsCert: "/none/a", tlsKey: "b" })).rejects.toThrow(
    /--tls-cert: \/none\/a cannot be read/,
  );
});
