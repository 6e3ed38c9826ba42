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
