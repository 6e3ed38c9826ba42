import fc from "fast-check";
import { type Zippable, zipSync } from "fflate";
import { expect, it } from "vitest";
import { fileOf } from "../testing/pictures";
import { bytesOf, type SlicedFile, type SourceFile } from "./source-file";
import { openZip } from "./zip";

const text = (content: string) => new TextEncoder().encode(content);
const open = (bytes: Uint8Array) => openZip(fileOf("all.zip", bytes));
const contentOf = async (file: SourceFile) => (await bytesOf(file)).all;

/** Changes bytes at the first place after `from` where the signature is. */
function patched(bytes: Uint8Array, signature: number, field: number, value: number, size = 2) {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  let at = 0;
  while (view.getUint32(at, true) !== signature) at++;
  if (size === 2) view.setUint16(at + field, value, true);
  else view.setUint32(at + field, value, true);
  return copy;
}
const central = 0x02014b50;
const end = 0x06054b50;

it("gives stored and deflated files back, in folders, with any name", async () => {
  const contents: Zippable = {
    "cat/a.txt": text("miau ".repeat(10_000)),
    "Zwölf 猫/b.bin": [new Uint8Array(100_000).map((_, i) => i * i), { level: 0 }],
    "empty.txt": new Uint8Array(0),
  };
  const { files, leftOut } = await open(zipSync(contents));
  expect(leftOut).toEqual([]);
  expect(files.map(({ path }) => path)).toEqual(Object.keys(contents));
  expect(await contentOf(files[0])).toEqual(contents["cat/a.txt"]);
  expect(await contentOf(files[1])).toEqual(new Uint8Array(100_000).map((_, i) => i * i));
  expect((await contentOf(files[2]))?.length).toBe(0);
});

it("names without the flag for UTF-8 are UTF-8 or code page 437", async () => {
  const zip = zipSync({ "aa.txt": text("x") });
  const named = (...bytes: number[]) =>
    zip.map((byte, i) => {
      const at = zip.findIndex(
        (_, from) =>
          "aa.txt".split("").every((c, k) => zip[from + k] === c.charCodeAt(0)) && from > 60,
      );
      return i === at || i === at + 1 ? bytes[i - at] : byte;
    });
  const first = async (bytes: Uint8Array) => (await open(bytes)).files[0].path;
  expect(await first(named(0xc3, 0xbc))).toBe("ü.txt");
  expect(await first(named(0x81, 0x61))).toBe("üa.txt");
});

it("reads of a zip of gigabytes what is asked for, by large offsets", async () => {
  // The files of a small zip, 5 GB of nothing before them, and the sizes of zip64.
  const small = zipSync({ "a.txt": [text("far away"), { level: 0 }] });
  const gap = 5e9;
  const view = new DataView(small.buffer, small.byteOffset);
  const directory = view.getUint32(small.length - 22 + 16, true);
  const name = text("a.txt");
  const entry = new Uint8Array(46 + name.length + 12);
  entry.set(small.subarray(directory, directory + 46 + name.length));
  const entryView = new DataView(entry.buffer);
  entryView.setUint16(30, 12, true);
  entryView.setUint32(42, 0xffffffff, true);
  entryView.setUint16(46 + name.length, 1, true);
  entryView.setUint16(46 + name.length + 2, 8, true);
  entryView.setBigUint64(46 + name.length + 4, BigInt(gap), true);
  const ends = new Uint8Array(56 + 20 + 22);
  const endView = new DataView(ends.buffer);
  endView.setUint32(0, 0x06064b50, true);
  endView.setBigUint64(32, 1n, true);
  endView.setBigUint64(40, BigInt(entry.length), true);
  endView.setBigUint64(48, BigInt(gap + directory), true);
  endView.setUint32(56, 0x07064b50, true);
  endView.setBigUint64(64, BigInt(gap + directory + entry.length), true);
  endView.setUint32(76, end, true);
  endView.setUint16(86, 0xffff, true);
  endView.setUint32(88, 0xffffffff, true);
  endView.setUint32(92, 0xffffffff, true);
  const tail = new Uint8Array([...small.subarray(0, directory), ...entry, ...ends]);
  let bytes = 0;
  const slice: SlicedFile["slice"] = async (from, to) => {
    bytes += to - from;
    const part = new Uint8Array(to - from);
    part.set(
      tail.subarray(Math.max(0, from - gap), Math.max(0, to - gap)),
      Math.max(0, gap - from),
    );
    return part;
  };
  const zip = { ...fileOf("big.zip", ""), size: gap + tail.length, slice };
  const { files, leftOut } = await openZip(zip);
  expect(leftOut).toEqual([]);
  expect(await contentOf(files[0])).toEqual(text("far away"));
  expect(bytes).toBeLessThan(100_000);
});

it.each([
  ["encrypted entries", (zip: Uint8Array) => patched(zip, central, 8, 1), "encrypted"],
  ["other packings", (zip: Uint8Array) => patched(zip, central, 10, 12), "corrupt"],
])("leaves out %s", async (_, change, code) => {
  const { files, leftOut } = await open(change(zipSync({ "a.txt": text("secret") })));
  expect(files).toEqual([]);
  expect(leftOut).toMatchObject([{ path: "a.txt", code }]);
});

it("leaves out entries that share their bytes", async () => {
  const zip = zipSync({ "a.txt": text("same".repeat(99)), "b.txt": text("same".repeat(99)) });
  const view = new DataView(zip.buffer, zip.byteOffset);
  const directory = view.getUint32(zip.length - 22 + 16, true);
  view.setUint32(directory + 46 + 5 + 42, 0, true);
  expect(await open(zip)).toMatchObject({
    files: [{ path: "a.txt" }],
    leftOut: [{ path: "b.txt", code: "corrupt" }],
  });
});

it.each([
  [
    "more than it promises",
    (zip: Uint8Array) => patched(zip, central, 24, 99, 4),
    "more than the 99",
  ],
  ["less", (zip: Uint8Array) => patched(zip, central, 24, 2e6, 4), "1000000 of 2000000"],
  ["another checksum", (zip: Uint8Array) => patched(zip, central, 16, 1, 4), "checksum"],
  ["no header", (zip: Uint8Array) => patched(zip, central, 42, 1, 4), "not where the zip says"],
])("an entry with %s fails when it is read", async (_, change, words) => {
  const { files } = await open(change(zipSync({ "a.txt": new Uint8Array(1e6) })));
  await expect(contentOf(files[0])).rejects.toThrow(words);
});

it("a bomb stops at the size that was allowed, not at its end", async () => {
  const zip = patched(zipSync({ "a.bin": new Uint8Array(40e6) }), central, 24, 1000, 4);
  const { files } = await open(zip);
  let bytes = 0;
  await expect(
    (async () => {
      for await (const chunk of files[0].chunks()) bytes += chunk.length;
    })(),
  ).rejects.toThrow("more than the 1000");
  expect(bytes).toBe(0);
});

it("what is no zip after all says so, whatever its bytes", async () => {
  const whole = zipSync({ "a.txt": text("a"), "b.txt": text("b".repeat(100)) });
  expect((await open(whole.subarray(0, -1))).leftOut).toMatchObject([{ code: "corrupt" }]);
  expect((await open(zipSync({}))).leftOut).toMatchObject([{ code: "empty" }]);
  expect((await open(patched(whole, end, 10, 0))).leftOut).toMatchObject([{ code: "corrupt" }]);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, value) => {
      const bytes = whole.slice();
      bytes[at] = value;
      const { files, leftOut } = await open(bytes);
      expect(files.length + leftOut.length).toBeGreaterThan(0);
      for (const file of files)
        await contentOf(file).catch(({ code }) => expect(code).toBe("corrupt"));
    }),
    { numRuns: 1000 },
  );
});

it("a workbook says how to bring its table", async () => {
  const { leftOut } = await open(
    zipSync({ "[Content_Types].xml": text(""), "xl/workbook.xml": text("") }),
  );
  expect(leftOut).toMatchObject([{ code: "kind", sentence: expect.stringContaining("CSV") }]);
});
