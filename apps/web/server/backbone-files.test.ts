import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { backboneRoutes, createBackboneHandler } from "./backbone-files";
import { serveRest } from "./testing/rest";

test("files of backbones are served by plain names, whole, and kept by browsers", async () => {
  const data = await mkdtemp(join(tmpdir(), "tandem-backbones-"));
  onTestFinished(() => rm(data, { recursive: true }));
  const backbones = join(data, "backbones");
  await mkdir(join(backbones, "small"), { recursive: true });
  const weights = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251);
  await writeFile(join(backbones, "small/model.json"), "{}");
  await writeFile(join(backbones, "small/group1-shard1of1.bin"), weights);
  await writeFile(join(backbones, "small/.hidden"), "secret");
  await writeFile(join(data, "secret.json"), "secret");
  const handle = createBackboneHandler(backbones);
  const server = createServer(async (request, response) => {
    if (!(await handle(request, response))) response.writeHead(404).end();
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const found = await fetch(`${url}/backbones/small/group1-shard1of1.bin?v=1`);
  expect(found.status).toBe(200);
  expect(Object.fromEntries(found.headers)).toMatchObject({
    "content-length": "200000",
    "content-type": "application/octet-stream",
    "cache-control": "public, max-age=31536000, immutable",
  });
  expect(new Uint8Array(await found.arrayBuffer())).toEqual(weights);
  const json = await fetch(`${url}/backbones/small/model.json`);
  expect([json.headers.get("content-type"), await json.text()]).toEqual(["application/json", "{}"]);
  const head = await fetch(`${url}/backbones/small/model.json`, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length")]).toEqual([200, "2"]);
  for (const path of [
    "small/gone.bin",
    "small/.hidden",
    "small/",
    "small",
    "../secret.json",
    "small/../../secret.json",
    "small/..%2F..%2Fsecret.json",
    "%2e%2e/secret.json",
    "small/x\\..\\model.json",
  ]) {
    // Not by fetch, which tidies paths.
    const sent = request({ port, path: `/backbones/${path}`, agent: false }).end();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    expect([path, response.statusCode]).toEqual([path, 404]);
    expect(await text(response)).not.toBe("secret");
  }
  expect((await fetch(`${url}/backbones/small/model.json`, { method: "PUT" })).status).toBe(404);
});

test("folders with a model.json are listed by the path that a task names", async () => {
  const data = await mkdtemp(join(tmpdir(), "tandem-backbones-"));
  onTestFinished(() => rm(data, { recursive: true }));
  const listed = async (folder: string) =>
    (await serveRest(backboneRoutes(folder))).given("GET", "backbones");
  expect(await listed(join(data, "none"))).toEqual([]);
  for (const name of ["small", "half", ".hidden", "with space"]) {
    await mkdir(join(data, name));
    if (name !== "half") await writeFile(join(data, name, "model.json"), "{}");
  }
  await writeFile(join(data, "a-file"), "");
  expect(await listed(data)).toEqual([{ name: "small", url: "/backbones/small/model.json" }]);
});
