import fc from "fast-check";
import papa from "papaparse";
import { describe, expect, it } from "vitest";
import { createClassMatcher } from "../class-names";
import { slicedFile } from "../files/source-file";
import { fileOf } from "../testing/pictures";
import { readTable } from "./read-table";

const match = createClassMatcher([
  { name: "cat", words: ["cat"] },
  { name: "Bär", words: ["Bär"] },
]);
const read = (content: string | Uint8Array, path = "t.csv") =>
  readTable(fileOf(path, content), match);
const cells = async (content: string | Uint8Array, path?: string) =>
  (await read(content, path)).table?.rows.map((row) => row.cells);

const lines = 'file;text;label\na.png;"Straße, ""groß""\nund breit";Bär\nb.png;x;cat\n';
const rows = [
  ["a.png", 'Straße, "groß"\nund breit', "Bär"],
  ["b.png", "x", "cat"],
];
const utf16 = (text: string, isBig: boolean, mark = "\ufeff") => {
  const bytes = new Uint8Array(Buffer.from(mark + text, "utf16le"));
  return isBig ? bytes.map((_, i) => bytes[i ^ 1]) : bytes;
};

it.each([
  ["UTF-8", lines],
  ["a byte order mark", `\ufeff${lines}`],
  ["line ends of Windows", lines.replaceAll("\n", "\r\n")],
  ["line ends of old Macs", lines.replaceAll("\n", "\r")],
  ["UTF-16, little", utf16(lines, false)],
  ["UTF-16, big", utf16(lines, true)],
  ["UTF-16 without mark", utf16(lines, false, "")],
  ["Latin-1", new Uint8Array(Buffer.from(lines, "latin1"))],
])("reads %s", async (name, content) => {
  const { table, leftOut, notes } = await read(content);
  expect(table?.columns).toEqual(["file", "text", "label"]);
  expect(table?.rows.map((row) => row.cells)).toEqual(rows);
  expect(table?.rows.map(({ line }) => line)).toEqual([2, 4]);
  expect(table?.guesses).toEqual({ file: 0, text: 1, label: 2 });
  expect(leftOut).toEqual([]);
  expect(notes.length).toBe(name === "Latin-1" ? 1 : 0);
});

it.each([
  ["commas", "file,text\na.png,x; y\n"],
  ["semicolons", "file;text\na.png;x, y\n"],
  ["tabs", "file\ttext\na.png\tx, y\n"],
])("finds %s", async (_, content) => {
  expect((await cells(content))?.[0]).toHaveLength(2);
});

it("guesses columns by what they hold, and whether there is a header", async () => {
  const odd = await read("bilder;wort;satz\na.png;cat;a cat sits\nb.png;bär;a bear\n");
  expect(odd.table?.guesses).toEqual({ file: 0, label: 1, text: 2 });
  const bare = await read("a.png,cat\nb.png,cat\n");
  expect(bare.table).toMatchObject({
    columns: ["column 1", "column 2"],
    guesses: { file: 0, label: 1 },
  });
  expect(bare.table?.rows).toHaveLength(2);
});

it("Excel's line that names the delimiter is none of the table", async () => {
  const { table, leftOut } = await read("\ufeffsep=;\r\nfile;text\r\na.png;x, y\r\nb.png;z;z\r\n");
  expect(table).toMatchObject({ columns: ["file", "text"], rows: [{ cells: ["a.png", "x, y"] }] });
  expect(leftOut).toMatchObject([{ line: 4, code: "bad-line" }]);
});

it("a list of texts without a name above it loses none of them", async () => {
  expect(await cells("it purrs\nit barks\n")).toEqual([["it purrs"], ["it barks"]]);
  expect(await cells("text\nit purrs\nit barks\n")).toHaveLength(2);
});

it("tells of lines with more or fewer cells, and does not guess what they mean", async () => {
  const { table, leftOut } = await read(
    "file,text\na.png,one, two\nb.png\nc.png,three,,\n\nd.png,four\n",
  );
  expect(table?.rows.map(({ cells }) => cells[0])).toEqual(["c.png", "d.png"]);
  expect(leftOut.map(({ line, code }) => [line, code])).toEqual([
    [2, "bad-line"],
    [3, "bad-line"],
  ]);
  expect(leftOut[0].sentence).toContain("3 cells where the first line has 2");
});

describe("bounds", () => {
  it("a quotation mark that is never closed stops the table, not the reader", async () => {
    const { table, leftOut } = await read(`file,text\na.png,x\nb.png,"${"y\n".repeat(4e6)}`);
    expect(table?.rows).toHaveLength(1);
    expect(leftOut).toMatchObject([
      { line: 3, code: "bad-line", sentence: expect.stringContaining("a million characters") },
    ]);
    const short = await read('file,text\na.png,x\nb.png,"y\nc.png,z\n');
    expect(short.leftOut).toMatchObject([{ line: 3, code: "bad-line" }]);
  });

  it("long cells, many rows and many columns", async () => {
    const { leftOut } = await read(`file,text\na.png,${"x".repeat(10_001)}\nb.png,y\n`);
    expect(leftOut).toMatchObject([
      { line: 2, sentence: expect.stringContaining("10001 characters") },
    ]);
    const many = await read(`file,text\n${"a.png,x\n".repeat(100_001)}`);
    expect(many.leftOut).toMatchObject([{ code: "too-many" }]);
    expect(many.table?.rows.length).toBeLessThanOrEqual(100_000);
    const wide = await read(`${"a,".repeat(200)}b\n`);
    expect(wide.leftOut).toMatchObject([{ line: 1 }, { code: "empty" }]);
  });

  it("bytes that are no text", async () => {
    const { leftOut } = await read("file,text\na.png,x\0y\nb.png,z\n");
    expect(leftOut).toMatchObject([{ line: 2, code: "bad-line" }]);
    const noise = Uint8Array.from({ length: 3000 }, (_, i) => (i * 7) % 256);
    expect((await read(noise)).leftOut).toMatchObject([
      { line: 1, code: "bad-line" },
      { code: "empty" },
    ]);
    expect((await read("")).leftOut).toMatchObject([{ code: "empty" }]);
  });

  it("a large table is read in pieces", async () => {
    const line = new TextEncoder().encode(`a.png,${"x".repeat(9_993)}\n`);
    let longest = 0;
    const file = slicedFile("t.csv", 2_000 * line.length, async (from, to) => {
      longest = Math.max(longest, to - from);
      return Uint8Array.from({ length: to - from }, (_, i) => line[(from + i) % line.length]);
    });
    const { table, leftOut } = await readTable(file, match);
    expect([table?.rows.length, leftOut]).toEqual([2_000, []]);
    expect(longest).toBeLessThanOrEqual(2 ** 22);
  });
});

it("JSON lines may have other fields each", async () => {
  const content = '{"file_name":"a.png","label":3}\n{"text":"x","file_name":"b.png","boxes":[1]}\n';
  expect(await cells(content, "t.jsonl")).toEqual([
    ["a.png", "3", ""],
    ["b.png", "", "x"],
  ]);
});

it("whatever a spreadsheet writes comes back, with any delimiter, cut anywhere into pieces", async () => {
  const cell = fc.string({
    maxLength: 12,
    unit: fc.constantFrom("a", "é", "猫", '"', ",", ";", "\t", "\n", " "),
  });
  const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(
      table,
      fc.constantFrom(",", ";", "\t"),
      fc.integer({ min: 1, max: 9 }),
      async (content, delimiter, step) => {
        const all = [
          ["file", "text", "label"],
          ...content.map((row) => [...row.slice(0, 2), `${row[2]}.`]),
        ];
        const text = papa.unparse(all, { delimiter, newline: "\r\n", quotes: true });
        const bytes = new TextEncoder().encode(text);
        const file = {
          ...fileOf("t.csv", bytes),
          async *chunks() {
            for (let at = 0; at < bytes.length; at += step) yield bytes.slice(at, at + step);
          },
        };
        const { table } = await readTable(file, match);
        expect(table?.rows.map((row) => row.cells)).toEqual(all.slice(1));
        const whole = await readTable(fileOf("t.csv", bytes), match);
        expect(table?.rows).toEqual(whole.table?.rows);
      },
    ),
  );
});
