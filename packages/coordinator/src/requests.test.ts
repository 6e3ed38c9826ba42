import { createMemoryBlobs } from "@tandem/storage/memory-blobs";
import { createMemoryPair } from "@tandem/transport/memory";
import { expect, it } from "vitest";
import { limitedRequests } from "./requests";
import { createManualClock } from "./testing/manual-clock";

/** How many of a hundred requests at once, and of a hundred a second later, are answered. */
async function answered(perSecond?: number): Promise<readonly number[]> {
  const { client, server } = createMemoryPair({ blobs: createMemoryBlobs() });
  const clock = createManualClock();
  limitedRequests(server, clock, () => {}, perSecond)("leave", async () => ({ ok: true }));
  const counts: number[] = [];
  for (const _ of ["at once", "a second later"]) {
    const replies = await Promise.all(
      Array.from({ length: 100 }, () => client.request("leave", {})),
    );
    counts.push(replies.filter(({ ok }) => ok).length);
    clock.advance(1000);
  }
  return counts;
}

it("so many requests of a connection are answered in a second, after a burst of four times as many", async () => {
  expect(await answered()).toEqual([40, 10]);
  expect(await answered(20)).toEqual([80, 20]);
});
