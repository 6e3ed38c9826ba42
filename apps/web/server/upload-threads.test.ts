import { setTimeout as sleep } from "node:timers/promises";
import { readHere } from "@tandem/coordinator/upload-reader";
import { clientId } from "@tandem/core/ids";
import type { ClientInfo } from "@tandem/core/strategy";
import { f32 } from "@tandem/core/tensor";
import { encodePayload } from "@tandem/protocol/payload-codec";
import { strategyNamed } from "@tandem/strategies/registry";
import { expect, onTestFinished, test } from "vitest";
import { createUploadThreads } from "./upload-threads";

const fedavg = strategyNamed("fedavg");
const config = fedavg.parse({});
const client: ClientInfo = {
  id: clientId("c"),
  modality: "image",
  architecture: "cnn",
  samples: 10,
};
const outline = { arrays: {}, others: "", meta: {} };
const weights = (megabytes: number, value = 0.5) =>
  encodePayload({
    arrays: { w: f32([megabytes, 2 ** 18], new Float32Array(megabytes * 2 ** 18).fill(value)) },
    meta: {},
  });
const upload = (bytes: Uint8Array) => ({ client, bytes: async () => bytes });

function open() {
  const threads = createUploadThreads({ threads: 1 });
  onTestFinished(() => threads.close());
  return threads.uploads("fedavg", config);
}

test("says why an upload is refused as this thread would, and adds up to the same bits", async () => {
  const [there, here] = [open(), readHere(fedavg.server(config))];
  const hostile = [
    weights(1, 2 ** 20),
    weights(1).subarray(0, 1000),
    encodePayload({ arrays: { w: f32([1], [Number.NaN]) }, meta: {} }),
    encodePayload({ arrays: {}, meta: { more: 1 } }),
  ];
  for (const bytes of hostile) {
    const refused = { code: expect.stringMatching(/^bad-/), message: expect.any(String) };
    const why = await here.check(outline, upload(bytes)).catch((error) => error);
    expect(why).toMatchObject(refused);
    await expect(there.check(outline, upload(bytes))).rejects.toMatchObject({
      code: why.code,
      message: why.message,
    });
  }
  await there.check(outline, upload(weights(1)));
  const all = [0.1, 0.7].map((value) => ({ ...upload(weights(1, value)), age: 0 }));
  const [a, b] = [await there.sum(all), await here.sum(all)];
  expect(a && Buffer.compare(encodePayload(a), encodePayload(b as typeof a))).toBe(0);
  expect(await there.sum([])).toBeUndefined();
});

test("a file that cannot be read fails its own sum alone", async () => {
  const uploads = open();
  const good = { ...upload(weights(1)), age: 0 };
  const broken = { ...good, bytes: () => Promise.reject(new Error("no such blob")) };
  await expect(uploads.sum([good, broken])).rejects.toThrow("no such blob");
  const alone = await uploads.sum([good]);
  expect(alone?.meta).toEqual((await readHere(fedavg.server(config)).sum([good]))?.meta);
});

/** Of the event loop while the work lasts, in ms: the longest that nothing else could run. */
async function longestPause(work: () => Promise<unknown>): Promise<number> {
  let [last, longest] = [performance.now(), 0];
  const tick = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
  };
  const ticks = setInterval(tick, 1);
  await work();
  await sleep(5);
  clearInterval(ticks);
  tick();
  return longest;
}

test("the event loop goes on while large uploads are read", async () => {
  const bytes = weights(7);
  const one = { client, age: 0, bytes: () => sleep(1).then(() => bytes) };
  const pauseOf = async (reader: ReturnType<typeof open>) => {
    await reader.check(outline, one);
    return longestPause(async () => {
      for (let i = 0; i < 6; i++) await reader.check(outline, one);
      await reader.sum(Array.from({ length: 6 }, () => one));
    });
  };
  const inHere = await pauseOf(readHere(fedavg.server(config)));
  const inThread = await pauseOf(open());
  expect(inThread).toBeLessThan(inHere / 2);
});

test("so many wait for a thread, and who comes after is told to come again", async () => {
  const threads = createUploadThreads({ threads: 1, mostWaiting: 2 });
  onTestFinished(() => threads.close());
  const uploads = threads.uploads("fedavg", config);
  const asked = Array.from({ length: 5 }, () => uploads.check(outline, upload(weights(1))));
  const told = await Promise.allSettled(asked);
  expect(told.map(({ status }) => status)).toEqual([
    ...["fulfilled", "fulfilled", "fulfilled", "rejected", "rejected"],
  ]);
  expect(told[4]).toMatchObject({ reason: { code: "unavailable" } });
});

test("once it is closed it says so", async () => {
  const threads = createUploadThreads({ threads: 1 });
  const uploads = threads.uploads("fedavg", config);
  await uploads.check(outline, upload(weights(1)));
  await threads.close();
  await expect(uploads.check(outline, upload(weights(1)))).rejects.toMatchObject({
    code: "unavailable",
  });
});
