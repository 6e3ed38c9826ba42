import { createHash } from "node:crypto";
import { unpackPayload } from "@tandem/protocol/payload-codec";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createRandomWorld } from "./testing/random-world";

const rejections: unknown[] = [];
const noteRejection = (error: unknown) => rejections.push(error);
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  process.on("unhandledRejection", noteRejection);
  // On the platform's threads these take as long as they like, and no seed would play the same twice.
  const { subtle } = globalThis.crypto;
  vi.spyOn(subtle, "generateKey").mockResolvedValue({} as never); // nobody looks into it
  vi.spyOn(subtle, "exportKey").mockResolvedValue(new ArrayBuffer(65) as never);
  vi.spyOn(subtle, "sign").mockResolvedValue(new ArrayBuffer(64));
  vi.spyOn(subtle, "digest").mockImplementation(
    async (_, bytes) =>
      new Uint8Array(
        createHash("sha256")
          .update(bytes as Uint8Array)
          .digest(),
      ).buffer,
  );
});
afterEach(() => {
  process.off("unhandledRejection", noteRejection);
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Runs whatever is pending, and the pauses that end within so long. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left >= 0; left -= 250) {
    await new Promise((resolve) => setImmediate(resolve));
    await vi.advanceTimersByTimeAsync(Math.min(left, 250));
  }
}

const last = { finished: ["finished", "failed"], full: ["failed"], dismissed: ["failed"] };

/** Storms of a dozen things that happen, calm after each, then the end. Returns how it ended. */
async function run(world: Awaited<ReturnType<typeof createRandomWorld>>): Promise<string> {
  const { server, state, faults, answers } = world;
  const starting = world.start();
  let closing = "";
  const watch = () => {
    const { phase } = state();
    if (closing && phase !== closing) faults.push(`${phase} after ${closing}`);
    if (phase === "left" || phase === "failed") closing = phase;
  };
  for (let episode = 0; episode < 4; episode++) {
    for (let i = 0; i < 12; i++) {
      await world.act();
      await pass(world.pauseMs());
      watch();
    }
    world.calm(true);
    await pass(20_000);
    await starting;
    watch();
    const { ending, open, session } = world.now();
    if (session && !ending) {
      expect(state()).toMatchObject({ phase: "waiting", connection: "online" });
      expect(open).toBeUndefined(); // all that it was asked and that nothing came after
    }
    world.calm(false);
  }
  const { ending, session } = world.now();
  if (session && ending && ending !== "left") expect(last[ending]).toContain(state().phase);
  if (session) {
    let settled = 0;
    session.finished.then(() => settled++);
    world.leave();
    await pass(10_000);
    await world.now().leaving;
    watch();
    expect(settled).toBe(1);
    expect(["left", "failed"]).toContain(state().phase);
    if (state().phase === "left" || ending === "dismissed")
      // And whose key it is with which what was sent can be erased.
      for (const key of await world.store.keys()) expect(key).toMatch(/^(blob|e1\/left)\//);
  }
  expect(world.now()).toMatchObject({ released: 1, isClosed: true });
  for (const { instruction, upload } of answers) {
    const [asked, answered] = [await server.blobs.get(instruction), await server.blobs.get(upload)];
    const { trained, ...meta } = (await unpackPayload(answered)).meta;
    expect(meta).toEqual((await unpackPayload(asked)).meta);
  }
  for (const [i, { client, trained }] of world.fits.entries())
    if (client !== world.fits[i - 1]?.client) expect(trained).toBe(0); // another's weights stay out
  expect(faults).toEqual([]);
  expect(rejections).toEqual([]);
  return session ? (ending ?? "none") : "not begun";
}

it("a session keeps its promises whatever the connection, the server and its user do", async () => {
  const ends = new Set<string>();
  for (let seed = 0; seed < 150; seed++) {
    const world = await createRandomWorld(seed);
    const end = await run(world).catch((cause) => {
      throw new Error(`seed ${seed}: ${world.log.join(", ")}`, { cause });
    });
    ends.add(end);
  }
  const all = ["dismissed", "finished", "full", "left", "none", "not begun"];
  expect([...ends].sort()).toEqual(all);
});
