import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { readBody, send } from "./http";
import { failed, file, json } from "./replies";

test("a body that stands still is answered, and one that goes on is read", async () => {
  const server = createServer(async (request, response) => {
    const reply = readBody(request, 100, 200).then((body) => json({ bytes: body.length }), failed);
    send(response, await reply);
  });
  onTestFinished(() => void server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const begun = () => {
    const socket = connect(port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\nConnection: close\r\n\r\n{");
    return socket;
  };
  expect(await text(begun())).toMatch(/^HTTP\/1.1 504 .*"timeout"/s);
  const slow = begun();
  for (let i = 0; i < 7; i++) setTimeout(() => slow.write("x"), 100 * i);
  expect(await text(slow)).toMatch(/^HTTP\/1.1 200 .*"bytes":8/s);
});

test("a reply that is made while it is sent is whole, or cut off and told", async () => {
  const failures: unknown[] = [];
  async function* parts(url = "") {
    yield "first ";
    yield new Uint8Array(200_000).fill(97);
    if (url === "/breaks") throw new Error("a blob is gone");
    yield "last";
  }
  const server = createServer((request, response) =>
    send(response, file(parts(request.url), "text/plain"), (error) => failures.push(error)),
  );
  onTestFinished(() => void server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const ask = (path: string, method = "GET") =>
    fetch(`http://127.0.0.1:${port}${path}`, { method });
  expect(await (await ask("/")).text()).toBe(`first ${"a".repeat(200_000)}last`);
  expect(await (await ask("/", "HEAD")).text()).toBe("");
  expect(failures).toEqual([]);
  await expect(ask("/breaks").then((response) => response.text())).rejects.toThrow(/terminated/);
  expect(failures).toEqual([new Error("a blob is gone")]);
});
