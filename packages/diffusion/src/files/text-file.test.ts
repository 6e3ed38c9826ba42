import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { decodeText, linesOf, readTextFile } from "./text-file";

const text = "a red cat\r\nκαφέ 猫 😀\n";
const utf16 = (of: string) => Buffer.from(`\ufeff${of}`, "utf16le");

it("a text is the same in every encoding that editors write, without its mark", () => {
  for (const bytes of [
    Buffer.from(text),
    Buffer.from(`\ufeff${text}`),
    utf16(text),
    utf16(text).swap16(),
  ])
    expect(decodeText(bytes, "x")).toBe(text);
  expect(decodeText(new Uint8Array(0), "x")).toBe("");
  expect(decodeText(Buffer.from("a\ufffd"), "x")).toBe("a\ufffd"); // a character like any other
});

it("what is no text is refused with file and line", () => {
  const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10);
  const latin1 = Buffer.from("one\r\ntwo\ncaf\xe9", "latin1");
  const unmarked = Buffer.from("a\n", "utf16le");
  const half = Buffer.concat([utf16("a\nb\n"), Uint8Array.of(0x3d, 0xd8)]);
  for (const [bytes, line] of [
    [png, 1],
    [latin1, 3],
    [Buffer.from("caf\xe9\rb", "latin1"), 1],
    [Buffer.from("a\rb\rc\0"), 3],
    [unmarked, 1],
    [half, 3],
    [utf16("a\nb").subarray(0, 7), 2],
    [Buffer.from("ab\n€").subarray(0, 5), 2],
  ] as const)
    expect(() => decodeText(bytes, "notes.txt")).toThrow(`notes.txt, line ${line}: not text`);
});

it("a file is read up to its limit", async () => {
  const directory = await mkdtemp(join(tmpdir(), "tandem-text-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const path = join(directory, "a.txt");
  await writeFile(path, utf16("one\ntwo"));
  expect(linesOf(await readTextFile(path))).toEqual(["one", "two"]);
  await expect(readTextFile(path, 3)).rejects.toMatchObject({ code: "too-large" });
  await expect(readTextFile(directory)).rejects.toMatchObject({ code: "not-found" });
});
