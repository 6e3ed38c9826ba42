import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { experiment, openCoordinator, randomNames } from "@tandem/coordinator/testing/world";
import { systemClock } from "@tandem/core/system-clock";
import { encodePayload } from "@tandem/protocol/payload-codec";
import { createMemoryBlobs } from "@tandem/storage/memory-blobs";
import { createMemoryExperiments } from "@tandem/storage/memory-experiments";
import { createBlobHandler } from "@tandem/transport/blob-http";
import { serveSockets } from "@tandem/transport/socket-server";
import { expect, onTestFinished, test } from "vitest";
import { openLine } from "../harness/line";
import { startSwarmClient } from "./client";

/** A coordinator behind real sockets and HTTP, whose strategy adds up numbers. */
async function open() {
  const [store, blobs] = [createMemoryExperiments(), createMemoryBlobs()];
  const world = { store, blobs, clock: systemClock, random: randomNames() };
  const coordinator = openCoordinator(world);
  const seen: (string | string[] | undefined)[] = [];
  const blob = createBlobHandler({
    blobs,
    rights: coordinator.blobs,
    meter: coordinator.meter,
    logError: (error) => expect.unreachable(String(error)),
  });
  const server = createServer(async (request, response) => {
    seen.push(request.headers["x-forwarded-for"]);
    if (!(await blob(request, response))) response.writeHead(404).end();
  });
  const sockets = serveSockets({
    server,
    onConnection(connection, { headers }) {
      seen.push(headers["x-forwarded-for"]);
      coordinator.connect(connection);
    },
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    await sockets.close();
    await coordinator.close();
  });
  return { coordinator, seen, port: (server.address() as AddressInfo).port };
}

const client = (others: Pick<Parameters<typeof startSwarmClient>[0], "url" | "experiment">) => {
  const acknowledged: number[] = [];
  const failures: unknown[] = [];
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const started = startSwarmClient({
    address: "198.18.0.1",
    answer: () => encodePayload({ arrays: {}, meta: { value: 1 } }),
    onInstruction: () => {},
    onAcknowledged: (round, ms) => acknowledged.push(ms > 0 ? round : 0),
    onFinish: finish,
    onFailed: (error) => failures.push(error),
    ...others,
  });
  return { started, finished, acknowledged, failures };
};

test("clients without a model play an experiment to its end, over lines that break", async () => {
  const { coordinator, seen, port } = await open();
  const { id } = await coordinator.create(experiment({ rounds: 4, slots: 3, minClients: 3 }));
  await coordinator.start(id);
  const lines = await Promise.all([1, 2, 3].map(() => openLine({ port })));
  onTestFinished(async () => {
    for (const line of lines) await line.close();
  });
  const all = lines.map(({ url }) => client({ url, experiment: id }));
  await Promise.all(all.map(({ started }) => started));
  lines[0].cut();
  await Promise.all(all.map(({ finished }) => finished));
  for (const { acknowledged, failures } of all)
    expect({ acknowledged, failures }).toEqual({ acknowledged: [1, 2, 3, 4], failures: [] });
  const { rounds } = await coordinator.view(id);
  expect(rounds.map(({ metrics }) => metrics.sum)).toEqual([3, 3, 3, 3]);
  expect(new Set(seen)).toEqual(new Set(["198.18.0.1"]));
});

test("who finds no place is told so", async () => {
  const { coordinator, port } = await open();
  const { id } = await coordinator.create(experiment({ slots: 1, minClients: 1 }));
  const url = `http://127.0.0.1:${port}`;
  const one = client({ url, experiment: id });
  onTestFinished(async () => (await one.started).close());
  await one.started;
  await expect(client({ url, experiment: id }).started).rejects.toThrow("taken");
});
