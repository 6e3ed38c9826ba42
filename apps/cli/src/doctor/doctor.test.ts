import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nameOfBackup, serverOf } from "@tandem/storage/backup-folder";
import { postgresPrograms, startPostgres } from "@tandem/storage/testing/postgres-server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort, type ServerProcess, startServer } from "../harness/server-process";
import { checkAddress } from "./address";
import { checkBackups } from "./backups";
import type { Finding } from "./finding";
import { checkBlobs, checkDatabase, checkDisk, checkNode, checkTeacher } from "./machine";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tandem-doctor-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const levels = (found: readonly Finding[]) =>
  Object.fromEntries(found.map(({ what, level }) => [what, level]));

async function listening(listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  server.on("upgrade", (_, socket) => socket.destroy());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: new URL(`http://127.0.0.1:${port}`), close: () => server.close() };
}

describe("an address", () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer({ port: await freePort(), directory, apiOnly: true });
  }, 100_000);
  afterAll(() => server.stop());

  test("of a running server is in order", async () => {
    const found = await checkAddress(new URL(server.url));
    expect(levels(found)).toEqual({ Address: "ok", TLS: "ok", Sockets: "ok" });
  });

  test("behind a proxy that passes no web sockets on is told so", async () => {
    const proxy = await listening((incoming, outgoing) => {
      const { url, method, headers } = incoming;
      const asked = request(`${server.url}${url}`, { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      });
      incoming.pipe(asked);
    });
    const found = await checkAddress(proxy.url);
    expect(levels(found)).toEqual({ Address: "ok", TLS: "ok", Sockets: "note" });
    expect(found[2].todo).toContain("Upgrade");
    proxy.close();
  });

  test("where something else answers, or nothing, says what to do", async () => {
    const other = await listening((_, response) => response.writeHead(404).end("no"));
    const [found] = await checkAddress(other.url);
    expect(found).toMatchObject({ level: "bad", text: expect.stringContaining("answers 404") });
    other.close();
    const [none] = await checkAddress(new URL(`http://127.0.0.1:${await freePort()}`));
    expect(none.todo).toContain("npm start");
  });

  test("of another machine has to be https", async () => {
    const found = await checkAddress(new URL("http://tandem.invalid"));
    expect(levels(found)).toEqual({ Address: "bad", TLS: "bad" });
    expect(found[0].todo).toContain("DNS record");
  });
});

test("Node's version counts by number", () => {
  const versions = ["20.18.9", "20.19.0", "20.100.0", "21.0.0", "9.99.0"];
  expect(versions.map((one) => checkNode(one).level)).toEqual(["bad", "ok", "ok", "ok", "bad"]);
});

test("a data folder is there, is missing, or is a file", async () => {
  const file = join(directory, "file");
  await writeFile(file, "");
  const of = async (path: string) => (await checkDisk(path))[0];
  expect(await of(directory)).toMatchObject({ text: expect.stringContaining("free for") });
  expect(await of(join(directory, "missing"))).toMatchObject({ level: "note" });
  expect(await of(file)).toMatchObject({ level: "bad", text: `${file} is a file` });
});

test("a database that does not answer is told without its password", async () => {
  const url = "postgres://somebody:secret@127.0.0.1:1/tandem";
  const found = await checkDatabase(directory, { TANDEM_DATABASE_URL: url });
  expect(found).toMatchObject({
    level: "bad",
    text: expect.stringContaining("somebody@127.0.0.1"),
  });
  expect(JSON.stringify(found)).not.toContain("secret");
  expect((await checkDatabase(directory, {})).text).toContain("PGlite");
});

const programs = postgresPrograms();
test.skipIf(!programs)("a PostgreSQL that answers is told by its version", async () => {
  const postgres = await startPostgres(programs ?? "");
  const found = await checkDatabase(directory, { TANDEM_DATABASE_URL: await postgres.database() });
  expect(found).toMatchObject({ level: "ok", text: expect.stringMatching(/^PostgreSQL \d+/) });
  await postgres.stop();
});

test("backups that are missing, old or beside the data are told", async () => {
  const [folder, data, now] = [join(directory, "backups"), join(directory, "own"), Date.now()];
  const look = async (to: string | undefined, at = now) =>
    checkBackups(data, { folder: to, everyMs: 3_600_000, now: at });
  expect(await look(undefined)).toMatchObject({ level: "note", text: "none are made" });
  expect(await look(folder)).toMatchObject({
    level: "note",
    text: expect.stringMatching(/none in .* yet/),
  });
  await mkdir(data);
  const server = await serverOf(data);
  for (const [age, of] of [
    [0, "ffffffff"], // another's
    [3_600_000, server],
  ] as const) {
    const path = join(folder, nameOfBackup(now - age, of));
    await mkdir(path, { recursive: true });
    await writeFile(join(path, "manifest.json"), "{}");
  }
  expect(await look(folder)).toMatchObject({
    level: "note",
    text: expect.stringMatching(/1 h old, on the same disk/),
  });
  const late = await look(folder, now + 3_700_000);
  expect(late).toMatchObject({
    level: "bad",
    text: expect.stringMatching(/2 h 2 min old, and one is due every 1 h/),
  });
  expect(late.todo).toContain("NO BACKUP WAS MADE");
  const file = join(directory, "a-file");
  await writeFile(file, "");
  expect(await look(file)).toMatchObject({
    level: "bad",
    text: expect.stringMatching(/not a folder/),
  });
});

test("half of what S3 or a remote teacher needs is named", async () => {
  const blobs = await checkBlobs(directory, { TANDEM_S3_ENDPOINT: "http://127.0.0.1:1" });
  expect(blobs).toMatchObject({ level: "bad", text: expect.stringContaining("TANDEM_S3_BUCKET") });
  const teacher = await checkTeacher({ TANDEM_TEACHER_URL: "http://127.0.0.1:1" });
  expect(teacher).toMatchObject({
    level: "bad",
    text: expect.stringContaining("TANDEM_TEACHER_KEY"),
  });
  const environment = {
    TANDEM_TEACHER_URL: `http://127.0.0.1:${await freePort()}/v1`,
    TANDEM_TEACHER_MODEL: "painter",
    TANDEM_TEACHER_KEY: "secret",
  };
  const away = await checkTeacher(environment);
  expect(away).toMatchObject({ level: "bad", text: expect.stringContaining("ECONNREFUSED") });
  expect(JSON.stringify(away)).not.toContain("secret");
  expect((await checkTeacher({})).text).toContain("clipart");
});
