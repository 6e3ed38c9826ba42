import { clientId } from "@tandem/core/ids";
import { createMemoryBlobs } from "@tandem/storage/memory-blobs";
import { createMemoryPair } from "@tandem/transport/memory";
import { expect, it } from "vitest";
import { arrive, connectionOf, isLoaded, liveClient, load, lose } from "./live-client";
import { createManualClock } from "./testing/manual-clock";

const connect = () => createMemoryPair({ blobs: createMemoryBlobs() }).server;
const newClient = () =>
  liveClient(
    {
      id: clientId("p0000"),
      tokenHash: "",
      slot: 0,
      name: "Client 1",
      modality: "image",
      architecture: "any",
      samples: 10,
      source: "test",
      device: "test",
      joinedAt: 0,
      bytesUp: 0,
      bytesDown: 0,
    },
    5,
    undefined,
  );

it("a client that has not come is away since then, and cannot have loaded anything", () => {
  const client = newClient();
  load(client);
  expect(client.presence).toMatchObject({ state: "away", since: 5 });
  expect([connectionOf(client), isLoaded(client)]).toEqual([undefined, false]);
});

it("who comes over another connection leaves the old one behind, and has nothing loaded", () => {
  const client = newClient();
  const [first, second] = [connect(), connect()];
  expect(arrive(client, first)).toBeUndefined();
  load(client);
  client.report = { stage: "train", fraction: 0.5 };
  expect([connectionOf(client), isLoaded(client)]).toEqual([first, true]);
  expect(arrive(client, second)).toBe(first);
  expect([connectionOf(client), isLoaded(client)]).toEqual([second, false]);
  expect(client.report).toBeUndefined();
});

it("only the last absence is waited for, and none once the client is back", () => {
  const clock = createManualClock();
  const client = newClient();
  const ended: string[] = [];
  const wait = (name: string) => clock.after(10, () => ended.push(name));
  lose(client, clock.now(), wait("first"));
  lose(client, clock.now(), wait("second"));
  clock.advance(20);
  expect(ended).toEqual(["second"]);
  lose(client, clock.now(), wait("third"));
  arrive(client, connect());
  clock.advance(20);
  expect(ended).toEqual(["second"]);
});
