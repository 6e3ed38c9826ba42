import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { readHere } from "@tandem/coordinator/upload-reader";
import { clientId } from "@tandem/core/ids";
import { emptyPayload } from "@tandem/core/payload";
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
const filled = (size: number, value: number) =>
  encodePayload({ arrays: { w: f32([size], new Float32Array(size).fill(value)) }, meta: {} });
const weights = (megabytes: number, value = 0.5) => filled(megabytes * 2 ** 18, value);
const upload = (bytes: Uint8Array) => ({ client, hash: "", bytes: async () => bytes });

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
  const one = { client, hash: "", age: 0, bytes: () => sleep(1).then(() => bytes) };
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

const named = (id: string, value: number, samples = 10) => {
  const bytes = filled(5000, value);
  return {
    client: { ...client, id: clientId(id), samples },
    hash: createHash("sha256").update(bytes).digest("hex"),
    age: 0,
    bytes: async () => bytes,
  };
};
const values = [0.1, -0.7, 0.30001, 5, -2.5, 0.9];
const six = values.map((value, i) => named(`c${i}`, value, 3 + i));
const unread = <T>(one: T) => ({
  ...one,
  bytes: () => Promise.reject(new Error("it is read again")),
});
const fromStore = async (all: typeof six) =>
  encodePayload((await readHere(fedavg.server(config)).sum(all)) ?? emptyPayload);

test.each([1, 3])(
  "%d threads read no upload twice, and the sum has the bytes of the store's",
  async (count) => {
    const threads = createUploadThreads({ threads: count });
    onTestFinished(() => threads.close());
    const reader = threads.uploads("fedavg", config);
    for (const order of [six, six.toReversed()])
      for (const round of [1, 2]) {
        // One after the other and at a time; in any order.
        await Promise.all(order.map((one) => reader.check(outline, one)));
        for (const one of order) reader.taken(round, one);
        const sum = await reader.sum(six.map(unread));
        expect(sum && Buffer.compare(encodePayload(sum), await fromStore(six))).toBe(0);
      }
  },
);

test("who is erased, answers anew, late or not at all, or claims another number of samples, is in the sum as the store has it", async () => {
  const threads = createUploadThreads({ threads: 2 });
  onTestFinished(() => threads.close());
  const reader = threads.uploads("fedavg", config);
  const anew = named("c1", 0.25, 4);
  const lists: (readonly [typeof six, typeof six])[] = [
    [six, six.slice(1)],
    [
      [...six, anew],
      [six[0], anew, ...six.slice(2)],
    ],
    [six.slice(2), six],
    [six, [{ ...six[0], client: { ...six[0].client, samples: 9 } }, ...six.slice(1)]],
    [six, [{ ...six[0], age: 1 }, ...six.slice(1)]],
  ];
  for (const [round, [taken, listed]] of lists.entries()) {
    await reader.check(outline, named("stale", 1)); // and then not accepted
    for (const one of taken) {
      await reader.check(outline, one);
      reader.taken(round, one);
    }
    const sum = await reader.sum(listed);
    expect(sum && Buffer.compare(encodePayload(sum), await fromStore(listed)), `${round}`).toBe(0);
    // And asked again, as after an attempt that has failed.
    const again = await reader.sum(listed);
    expect(again && Buffer.compare(encodePayload(again), await fromStore(listed))).toBe(0);
  }
});

test("a thread that ends takes nothing with it but time", async () => {
  const started: Worker[] = [];
  const note = (worker: Worker) => started.push(worker);
  process.on("worker", note);
  onTestFinished(() => void process.off("worker", note));
  const threads = createUploadThreads({ threads: 2 });
  onTestFinished(() => threads.close());
  const reader = threads.uploads("fedavg", config);
  for (const half of [six.slice(0, 3), six.slice(3)]) {
    await Promise.all(half.map((one) => reader.check(outline, one)));
    for (const one of half) reader.taken(1, one);
    if (half[0] === six[0]) await started[0].terminate();
  }
  const sum = await reader.sum(six);
  expect(sum && Buffer.compare(encodePayload(sum), await fromStore(six))).toBe(0);
});
