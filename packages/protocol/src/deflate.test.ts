import zlib, { deflateSync } from "node:zlib";
import { expect, it } from "vitest";
import { deflated, inflating } from "./deflate";

// As a server reads, and as a tab does.
const ways = [
  ["at once", zlib],
  ["as a stream", null],
] as const;

const mark = (await deflated(new Uint8Array(1000))).subarray(0, 8);
const packed = (data: Uint8Array) => Uint8Array.from([...mark, ...data]);
const text = Uint8Array.from({ length: 200_000 }, (_, i) => (i % 251) ^ (i >> 9));

it.each(ways)(
  "%s, gives back what was deflated, and its start without the rest",
  async (_, way) => {
    const bytes = await deflated(text);
    expect(bytes.length).toBeLessThan(text.length / 2);
    const opened = inflating(bytes, way);
    for (const length of [8, 5000, 70_000])
      expect(Buffer.compare(await opened.start(length), text.subarray(0, length))).toBe(0);
    expect(Buffer.compare(await opened.whole(), text)).toBe(0);
    opened.close();
    const cut = inflating(bytes.subarray(0, bytes.length / 2), way);
    expect(Buffer.compare(await cut.start(100), text.subarray(0, 100))).toBe(0);
    await expect(cut.whole()).rejects.toThrow("not zlib data of at most 1048576 bytes");
    cut.close();
  },
);

it.each(ways)("%s, refuses what is broken or would be larger than a MiB, early", async (_, way) => {
  const most = new Uint8Array(2 ** 20);
  expect((await inflating(packed(deflateSync(most)), way).whole()).length).toBe(most.length);
  const wrong = Uint8Array.from(deflateSync(text));
  wrong[wrong.length - 1] ^= 1; // of the checksum
  const bomb = deflateSync(new Uint8Array(2 ** 28));
  const started = process.cpuUsage();
  for (const data of [deflateSync(new Uint8Array(2 ** 20 + 1)), wrong, bomb, new Uint8Array(0)]) {
    const opened = inflating(packed(data), way);
    await expect(opened.whole()).rejects.toThrow("not zlib data of at most 1048576 bytes");
    opened.close();
  }
  const { user, system } = process.cpuUsage(started);
  expect((user + system) / 1e6).toBeLessThan(0.25); // the bomb whole takes half a second
});
