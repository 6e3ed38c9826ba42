import { slicedFile } from "@tandem/intake/files/source-file";
import { openZip } from "@tandem/intake/files/zip";
import { unzipSync } from "fflate";
import { expect, it } from "vitest";
import { type ZipFile, zipOf } from "./zip-stream";

const text = (content: string) => new TextEncoder().encode(content);
async function zipped(files: Iterable<ZipFile>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const all = (async function* () {
    yield* files;
  })();
  for await (const part of zipOf(all)) parts.push(part);
  return Buffer.concat(parts);
}

it("is a zip that others unpack, and the same each time", async () => {
  const files = {
    "a.txt": text("first"),
    "Zwölf/猫.bin": new Uint8Array(70_000).fill(3),
    empty: text(""),
  };
  const list = Object.entries(files).map(([path, bytes]) => ({ path, bytes }));
  const zip = await zipped(list);
  expect(unzipSync(zip)).toEqual(files);
  expect(await zipped(list)).toEqual(zip);
  expect(unzipSync(await zipped([]))).toEqual({});
});

it("holds more files than a plain zip can count", async () => {
  const count = 66_000;
  const zip = await zipped(
    Array.from({ length: count }, (_, i) => ({
      path: `${i}`,
      bytes: text(i === count - 1 ? "last" : ""),
    })),
  );
  const { files, leftOut } = await openZip(
    slicedFile("all.zip", zip.length, async (from, to) => zip.subarray(from, to)),
  );
  expect(leftOut).toEqual([]);
  expect(files).toHaveLength(count);
  for await (const chunk of files[count - 1].chunks())
    expect(String.fromCharCode(...chunk)).toBe("last");
});
