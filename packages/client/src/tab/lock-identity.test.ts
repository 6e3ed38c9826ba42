import { expect, it } from "vitest";
import { identitiesByLock, type Locks } from "./lock-identity";

/** Exclusive locks of one browser profile, first come first served. */
function createLocks(): Locks {
  const held = new Map<string, Promise<unknown>>();
  return {
    async request(name, { ifAvailable, signal }, callback) {
      while (held.has(name)) {
        if (ifAvailable) return callback(null);
        await new Promise((resolve, reject) => {
          held.get(name)?.then(resolve);
          signal?.addEventListener("abort", () => reject(signal.reason));
        });
      }
      const work = Promise.resolve(callback({ name }));
      held.set(name, work);
      await work;
      held.delete(name);
    },
  };
}

it("gives each tab of a profile the first identity that is free, for each experiment", async () => {
  const claim = identitiesByLock(createLocks());
  const first = await claim({ experiment: "e" });
  expect([first.index, (await claim({ experiment: "e" })).index]).toEqual([0, 1]);
  expect((await claim({ experiment: "other" })).index).toBe(0);
  first.release();
  await new Promise((resolve) => setTimeout(resolve));
  expect((await claim({ experiment: "e" })).index).toBe(0);
});

it("waits for the page that is being reloaded, whatever else is free", async () => {
  const claim = identitiesByLock(createLocks());
  const [first, second] = [await claim({ experiment: "e" }), await claim({ experiment: "e" })];
  first.release();
  const reloaded = claim({ experiment: "e", preferred: second.index });
  setTimeout(second.release, 20);
  expect((await reloaded).index).toBe(1);
});

it("takes another when a copy of the tab keeps the one that it had", async () => {
  const claim = identitiesByLock(createLocks(), 20);
  await claim({ experiment: "e" });
  expect((await claim({ experiment: "e", preferred: 0 })).index).toBe(1);
});
