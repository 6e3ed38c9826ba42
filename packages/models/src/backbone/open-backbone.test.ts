import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { BackboneReference } from "@tandem/core/task";
import { startNodeEngine } from "@tandem/engine/node";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { openBackbone } from "./backbone";
import { mebibyte, most, readBackbone } from "./files";
import { type Folder, folderOf, reader, smallModel } from "./testing/folders";

let folder: Folder;
let reference: BackboneReference;
let base = "";
let answer: RequestListener;
let asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(request.url ?? "");
  answer(request, response);
});
const serve: RequestListener = ({ url = "" }, response) => {
  const file = folder[url.replace(/^\/backbones\/small\/|\?.*$/g, "")];
  response.writeHead(file ? 200 : 404).end(file);
};

beforeAll(async () => {
  await startNodeEngine();
  folder = await folderOf(smallModel());
  const { sha256 } = await readBackbone(reader(folder));
  const url = "/backbones/small/model.json";
  reference = { url, sha256, normalisation: "0..1", size: 8, features: 6 };
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  answer = serve;
  asked = [];
});
afterAll(() => server.close());

const open = (changes: Partial<BackboneReference> = {}) =>
  openBackbone({ ...reference, ...changes }, { base });

it("reads manifest and weights from a path on the server, the query kept", async () => {
  const backbone = await open({ url: `${reference.url}?v=2` });
  expect(asked).toEqual(["/backbones/small/model.json?v=2", "/backbones/small/weights.bin?v=2"]);
  expect(backbone).toMatchObject({ features: 6, layers: 3, sha256: reference.sha256 });
  backbone.dispose();
});

it.each([
  "http://models.example/model.json",
  "//models.example/model.json",
  "/\\models.example/model.json",
  "file:///etc/passwd",
  "data:application/json,{}",
  "model.json",
])("asks nothing of %s", async (url) => {
  await expect(open({ url })).rejects.toMatchObject({
    code: "bad-config",
    message: expect.stringMatching(/give an https address of a model.json, or a path/),
  });
  expect(asked).toEqual([]);
});

it.each([
  ["other files", { sha256: "0".repeat(64) }, /SHA-256 is [0-9a-f]{64}, and was 0{64}/],
  ["another number of features", { features: 7 }, /features is 6, and was 7/],
])("refuses %s than the task has pinned", async (_, changes, message) => {
  await expect(open(changes)).rejects.toMatchObject({
    code: "corrupt",
    message: expect.stringMatching(message),
  });
});

it.each<[string, RequestListener, string, RegExp]>([
  [
    "says that it is too large",
    (_, response) => {
      response.writeHead(200, { "content-length": String(most.manifest * mebibyte + 1) });
      response.flushHeaders();
    },
    "too-large",
    /model.json is larger than the 8.0 MiB/,
  ],
  [
    "is too large and does not say so",
    (request, response) => {
      if (!request.url?.endsWith(".bin")) return serve(request, response);
      const more = () => response.write(Buffer.alloc(mebibyte)) && setImmediate(more);
      response.on("drain", more).on("error", () => undefined);
      more();
    },
    "too-large",
    /weights.bin is larger than the \d+ bytes/,
  ],
  ["is not there", (_, response) => response.writeHead(404).end(), "unavailable", /answers 404/],
  [
    "breaks off",
    (_, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("{", () => response.destroy());
    },
    "unavailable",
    /model.json cannot be read/,
  ],
])("a file that %s is refused", async (_, listener, code, message) => {
  answer = listener;
  await expect(open()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

it("is not led to a site without https", async () => {
  const other = createServer((_, response) => response.end("{}"));
  await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
  const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/model.json`;
  answer = (_, response) => response.writeHead(302, { location }).end();
  await expect(open()).rejects.toMatchObject({ code: "forbidden" });
  other.close();
});

it("stops at a cancel", async () => {
  const abort = new AbortController();
  answer = () => abort.abort();
  const opening = openBackbone(reference, { base, signal: abort.signal });
  await expect(opening).rejects.toMatchObject({ code: "cancelled" });
});
