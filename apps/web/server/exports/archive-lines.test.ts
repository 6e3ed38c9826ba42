import { expect, it } from "vitest";
import { linesOf } from "./archive-lines";

const bytes = (text: string) => new TextEncoder().encode(text);

/** In pieces, and how many of them have been read. */
function pieces(...all: readonly Uint8Array[]) {
  const read = { pieces: 0 };
  async function* chunks() {
    for (const piece of all) {
      read.pieces++;
      yield piece;
    }
  }
  return { read, chunks: chunks() };
}
const refusal = (why: string) => new Error(why);
async function linesIn(chunks: AsyncIterable<Uint8Array>): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of linesOf(chunks, refusal)) lines.push(line);
  return lines;
}
const allOf = (...all: readonly Uint8Array[]) => linesIn(pieces(...all).chunks);

it("gives lines wherever the pieces of a text begin, within a letter too", async () => {
  const text = "{}\n\nfür 🍎\nlast\n";
  const whole = bytes(text);
  expect(await allOf()).toEqual([]);
  for (let at = 0; at <= whole.length; at++)
    expect(await allOf(whole.slice(0, at), whole.slice(at))).toEqual(text.split("\n").slice(0, -1));
});

it("reads no more than the piece that holds the line", async () => {
  const blank = bytes("\n".repeat(1000));
  const { read, chunks } = pieces(blank, blank, blank);
  for await (const line of linesOf(chunks, refusal)) {
    expect(line).toBe("");
    break;
  }
  expect(read.pieces).toBe(1);
});

it("refuses what no server writes", async () => {
  const blank = bytes("\n".repeat(2 ** 16));
  const long = bytes("x".repeat(2 ** 21));
  const endless = pieces(long, long, long, long);
  await expect(linesIn(endless.chunks)).rejects.toThrow("line 1 has more than 4194304 characters");
  expect(endless.read.pieces).toBe(3);
  await expect(allOf(...Array(16).fill(blank))).rejects.toThrow("it has more than 1000000 lines");
  await expect(allOf(bytes("{}\n{}"))).rejects.toThrow("its last line has no end");
  await expect(allOf(Uint8Array.of(255, 10))).rejects.toThrow("it is not UTF-8");
  await expect(allOf(Uint8Array.of(0xf0, 0x9f))).rejects.toThrow("it is not UTF-8");
});
