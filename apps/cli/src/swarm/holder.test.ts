import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { serveSockets } from "@tandem/transport/socket-server";
import { expect, onTestFinished, test } from "vitest";
import { startCompanion } from "../chaos/companion";
import { addressOf } from "./addresses";
import type { Held, Hold, HolderJob } from "./holder";

test("a process holds as many connections as it is told, each from an address of its own", async () => {
  const server = createServer();
  const addresses = new Set<unknown>();
  const closers: (() => void)[] = [];
  const sockets = serveSockets({
    server,
    onConnection(connection, { headers }) {
      addresses.add(headers["x-forwarded-for"]);
      closers.push(() => connection.reopen());
    },
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => sockets.close());
  const { port } = server.address() as AddressInfo;
  const holder = startCompanion<HolderJob, Hold, Held>(new URL("./holder.ts", import.meta.url), {
    url: `http://127.0.0.1:${port}`,
    first: 250,
  });
  onTestFinished(async () => void (await holder.stop()));
  const timeout = 60_000; // a process that starts on a machine that is busy
  holder.note({ count: 40 });
  await expect.poll(holder.last, { timeout }).toEqual({ open: 40, lost: 0 });
  expect(addresses).toEqual(new Set(Array.from({ length: 40 }, (_, i) => addressOf(250 + i))));
  closers[0]();
  await expect.poll(holder.last, { timeout }).toEqual({ open: 40, lost: 1 });
});

test("addresses are those of benchmarks, and differ", () => {
  expect([0, 255, 256, 65_535, 65_536].map(addressOf)).toEqual([
    "198.18.0.0",
    "198.18.0.255",
    "198.18.1.0",
    "198.18.255.255",
    "198.19.0.0",
  ]);
});
