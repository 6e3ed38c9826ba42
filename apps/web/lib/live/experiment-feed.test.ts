import { experimentId } from "@tandem/core/ids";
import type { ExperimentView } from "@tandem/protocol/view";
import { createMemoryBlobs } from "@tandem/storage/memory-blobs";
import { createMemoryPair } from "@tandem/transport/memory";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createFeed, follow } from "./experiment-feed";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const id = experimentId("e1");
const feedOf = () => createFeed({ id } as ExperimentView); // nothing else of it is read

it("a server that cannot be reached is named after five seconds", () => {
  const feed = feedOf();
  const { client } = createMemoryPair({ blobs: createMemoryBlobs() });
  client.close();
  const stop = follow(feed, client);
  vi.advanceTimersByTime(4999);
  expect(feed.getState().connection).toBe("connecting");
  vi.advanceTimersByTime(1);
  expect(feed.getState().connection).toBe("unreachable");
  stop();
});

it("an experiment that is deleted is gone, also for whom it was not told", async () => {
  const told = feedOf();
  const { client, server } = createMemoryPair({ blobs: createMemoryBlobs() });
  server.handle("watch", async () => ({ ok: true }));
  follow(told, client);
  server.send("finish", { reason: "All rounds are done." });
  await vi.advanceTimersByTimeAsync(0);
  expect(told.getState().isGone).toBeFalsy();
  server.send("finish", { reason: "It has been removed.", removed: true });
  await vi.advanceTimersByTimeAsync(0);
  expect(told.getState().isGone).toBe(true);
  server.send("view", { ...told.getState().view, round: 2 });
  await vi.advanceTimersByTimeAsync(0);
  expect(told.getState()).toMatchObject({ isGone: false, view: { round: 2 } });

  const late = feedOf();
  const second = createMemoryPair({ blobs: createMemoryBlobs() });
  const error = { code: "not-found", message: "There is none." };
  second.server.handle("watch", async () => ({ ok: false, error }));
  follow(late, second.client);
  await vi.advanceTimersByTimeAsync(0);
  expect(late.getState().isGone).toBe(true);
});

it("a connection that was there is lost, not unreachable", async () => {
  const feed = feedOf();
  const { client, server } = createMemoryPair({ blobs: createMemoryBlobs() });
  server.handle("watch", async () => ({ ok: true }));
  follow(feed, client);
  expect(feed.getState().connection).toBe("live");
  client.close();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(feed.getState().connection).toBe("lost");
});

it("a page that has missed a change asks for the whole again, and shows nothing half known", async () => {
  const feed = createFeed({ id, round: 1, clients: [], rounds: [] } as unknown as ExperimentView);
  const { client, server } = createMemoryPair({ blobs: createMemoryBlobs() });
  let asked = 0;
  server.handle("watch", async ({ changes }) => {
    asked += changes ? 1 : 0;
    return { ok: true };
  });
  const list = { length: 0, items: [] };
  const tell = async (number: number, round: number) => {
    const fields = { round };
    server.send("change", { id, number, fields, absent: [], clients: list, rounds: list });
    await vi.advanceTimersByTimeAsync(0);
    return feed.getState().view.round;
  };
  follow(feed, client);
  expect(await tell(1, 2)).toBe(1);
  server.send("view", { ...feed.getState().view, round: 2 });
  expect([await tell(1, 3), await tell(3, 5), asked]).toEqual([3, 3, 2]);
  expect(await tell(4, 6)).toBe(3);
  server.send("view", { ...feed.getState().view, round: 7 });
  expect([await tell(1, 8), asked]).toEqual([8, 2]);
});
