import { cp, mkdir, mkdtemp, readdir, rename, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { expect, it, onTestFinished } from "vitest";
import { readPictures, skippedText } from "./pictures";

const fixtures = fileURLToPath(new URL("../../fixtures/interop/pictures", import.meta.url));
const [green, red, blue] = [
  [0, 200, 0],
  [200, 0, 0],
  [0, 0, 200],
];
const grey = (...values: number[]) => values.map((value) => [value, value, value]);
const plain = [green, red, blue, blue];

/** Upper left, lower left, upper right, lower right; by a formula where colour has been taken out. */
const expected: Readonly<Record<string, readonly (readonly number[])[]>> = {
  "exif6.jpg.d": [red, blue, green, blue], // a quarter turn to the right
  // Of ink without a profile: what the decoder's own profile of a press makes of it.
  "cmyk.jpg.d": [
    [115, 178, 13],
    [212, 16, 0],
    [24, 43, 129],
    [24, 43, 129],
  ],
  "1x1.png.d": Array(4).fill([0, 255, 0]),
  "1x5000.png.d": Array(4).fill([0, 255, 0]),
  // One white; nothing of it opaque: white shows through.
  "1bit.png.d": grey(255, 255, 255, 255),
  "palette-alpha.png.d": grey(255, 255, 255, 255),
  // Half of each, half white: (c + 255) / 2.
  "rgba-half.png.d": [
    [128, 228, 128],
    [228, 128, 128],
    [128, 128, 228],
    [128, 128, 228],
  ],
  "bw-alpha.png.d": grey(157, 157, 157, 157), // 60 of 128 / 255
  "grey-alpha.png.d": grey(214, 177, 157, 157),
  ...Object.fromEntries(
    ["grey.jpg", "grey.png", "grey16.png", "bw1.jpg", "bw1.png"].map((name) => [
      `${name}.d`,
      grey(172, 98, 58, 58),
    ]),
  ),
};
const refused: Readonly<Record<string, RegExp>> = {
  "truncated.jpg.d": /truncated\.jpg cannot be read: .*premature end/,
  "zero.png.d": /zero\.png cannot be read/,
  "text-not-image.jpg.d": /text-not-image\.jpg cannot be read/,
  "txt-empty.d": /a\.txt is empty/,
  "jsonl-empty.d": /metadata\.jsonl, line 1: is empty/,
  "jsonl-null-text.d": /metadata\.jsonl, line 1: "text" \(or "caption"\) is missing/,
  "jsonl-duplicate.d": /metadata\.jsonl, line 2: a\.png is in line 1 already/,
};

const side = 16;
function corners(data: Uint8Array, row: number) {
  const at = (x: number, y: number) =>
    [...data.subarray(3 * ((row * side + y) * side + x))].slice(0, 3);
  return [at(3, 3), at(3, 12), at(12, 3), at(12, 12)];
}
const near = (a: readonly (readonly number[])[], b: readonly (readonly number[])[]) =>
  a.flat().every((value, i) => Math.abs(value - b.flat()[i]) <= 8);

it.each(await readdir(fixtures))("%s is read as it looks, or refused by name", async (folder) => {
  const directory = join(fixtures, folder);
  const reading = readPictures(directory, [side, side]);
  if (refused[folder]) return expect(reading).rejects.toThrow(refused[folder]);
  const { images, captions } = await reading;
  expect(captions.length).toBeGreaterThan(0);
  expect(captions.every((caption) => caption !== "" && !/[\ufeff\0\r]/.test(caption))).toBe(true);
  for (let row = 0; row < captions.length; row++) {
    const seen = corners(images.data, row);
    expect(near(seen, expected[folder] ?? plain), `${row}: ${JSON.stringify(seen)}`).toBe(true);
  }
});

it("captions are read in any encoding, from either ending, for names however typed", async () => {
  const captionsOf = async (folder: string) =>
    (await readPictures(join(fixtures, folder), [1, 1])).captions;
  for (const folder of ["txt-bom.d", "txt-utf16le.d"])
    expect(await captionsOf(folder)).toEqual(["a red cat"]);
  for (const folder of ["jsonl-bom.d", "jsonl-crlf.d", "jsonl-caption-key.d", "jsonl-subfolder.d"])
    expect(await captionsOf(folder)).toEqual(["x"]);
  expect(await captionsOf("caption-ext.d")).toEqual(["x"]);
  expect(await captionsOf("mixed.d")).toHaveLength(8);
  expect(await captionsOf("non-ascii-name.d")).toHaveLength(2);
  expect(await captionsOf("nfd-name.d")).toHaveLength(2);
});

/** A folder with a.png, and files by name. */
async function folder(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "tandem-pictures-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  await cp(join(fixtures, "plain.png.d", "plain.png"), join(directory, "a.png"));
  for (const [name, content] of Object.entries(files)) {
    if (name.includes("/")) await mkdir(join(directory, name, ".."), { recursive: true });
    await writeFile(join(directory, name), content);
  }
  return directory;
}
const readFrom = async (files: Readonly<Record<string, string | Uint8Array>>) =>
  readPictures(await folder(files), [side, side]);

it("every kind that the decoder reads is read, whatever its name; others are refused by it", async () => {
  const picture = () => sharp(join(fixtures, "plain.png.d", "plain.png"));
  for (const format of ["jpeg", "png", "webp", "gif", "tiff", "avif"] as const) {
    const bytes = await picture().toFormat(format, { quality: 100 }).toBuffer();
    const { images } = await readFrom({ "a.png": bytes, "a.txt": "x" });
    expect(near(corners(images.data, 0), plain), format).toBe(true);
  }
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"><rect width="2" height="2" fill="rgb(0,200,0)"/></svg>';
  const { images } = await readFrom({ "a.png": svg, "a.txt": "x" });
  expect(near(corners(images.data, 0), [green, green, green, green])).toBe(true);
  const avif = await picture().avif().toBuffer();
  const heic = avif.toString("latin1").replaceAll("avif", "heic").replaceAll("av01", "hvc1");
  const broken = {
    "b.heic": Buffer.from(heic, "latin1"),
    "c.bmp": `BM${"\0".repeat(60)}`,
    ...Object.fromEntries(["a", "b", "c"].map((name) => [`${name}.txt`, "x"])),
  };
  const reading = readFrom(broken);
  await expect(reading).rejects.toThrow(/b\.heic cannot be read.*\n.*c\.bmp cannot be read/);
  await expect(reading).rejects.toMatchObject({ code: "bad-data" });
});

it("what is left out is told with its reason", async () => {
  const { skipped, captions } = await readFrom({
    "a.caption": "one",
    "._a.png": "x",
    ".DS_Store": "x",
    "notes.md": "x",
    "lost.txt": "x",
    "deep/b.png": "x",
  });
  expect(captions).toEqual(["one"]);
  expect(skippedText(skipped)).toBe(
    "; 5 left out: .DS_Store (hidden), ._a.png (a resource fork of macOS), deep (a folder), notes.md (no picture by its name), lost.txt (no picture beside it)",
  );
  const fork = await readPictures(join(fixtures, "mac-resource-fork.d"), [1, 1]);
  expect(fork.skipped.map(({ file }) => file)).toEqual(["._a.png", "._a.txt"]);
  const listed = await readFrom({ "metadata.csv": "file_name,text\na.png,one\n", "b.png": "x" });
  expect(skippedText(listed.skipped)).toBe("; 1 left out: b.png (not in metadata.csv)");
});

it("metadata.csv has quotes, commas and line ends in its fields", async () => {
  const cat = await folder({
    "metadata.csv": '\ufefffile_name,caption\r\ntrain\\b.png,"a ""red"" cat,\r\nasleep"\r\n\r\n',
  });
  await mkdir(join(cat, "train"));
  await rename(join(cat, "a.png"), join(cat, "train", "b.png"));
  expect((await readPictures(cat, [1, 1])).captions).toEqual(['a "red" cat,\nasleep']);
});

it("columns of metadata.csv without name and content, as spreadsheets leave them, are none", async () => {
  for (const text of [
    "file_name,text,,\na.png,x,,\n",
    "file_name,text,,\na.png,x\n",
    ",file_name,,text\n,a.png, ,x,,\n,,,\n",
  ])
    expect((await readFrom({ "metadata.csv": text })).captions).toEqual(["x"]);
});

it.each([
  ["csv", "file_name,,text,\na.png,y,x,\n", /line 2: column 2 holds "y": name it in line 1/],
  ["csv", ",file_name,text,\n,a.png\n", /line 2: 2 fields for 4 columns/],
  ["csv", "file_name,text\na.png,x,y\n", /line 2: 3 fields for 2 columns/],
  ["csv", 'file_name,text\na.png,"x\ny"\na.png,z\n', /line 4: a\.png is in line 2 already/],
  ["csv", 'file_name,text\na.png,"x\n', /line 2: Quoted field unterminated/],
  ["csv", "name;text\n", /line 1: columns are name;text: name them file_name/],
  ["csv", "file_name,text,text\n", /line 1: column text is there twice/],
  ["csv", "file_name,text\n", /line 1: is empty/],
  ["csv", "file_name,text\na.png,\n", /line 2: "text" \(or "caption"\) is ""/],
  ["jsonl", "\n{]\n", /line 2: is not JSON/],
  ["jsonl", "[]\n", /line 1: is no JSON object/],
  ["jsonl", '{"file_name":"a.png","text":"a\\u0000b"}', /line 1: "text".* is "a\\u0000b"/],
  ["jsonl", '{"file_name":"b.png","text":"x"}', /line 1: there is no b\.png/],
  ["jsonl", '{"file_name":"../a.png","text":"x"}', /line 1: \.\.\/a\.png leads out/],
  ["jsonl", '{"file_name":"b\\\\..\\\\..\\\\a.png","text":"x"}', /leads out/],
  ["jsonl", '{"file_name":"/etc/a.png","text":"x"}', /leads out/],
  ["jsonl", "\ufeff\0", /metadata\.jsonl, line 1: not text/],
])("metadata.%s that says %j is refused by its line", async (ending, text, reason) => {
  await expect(readFrom({ [`metadata.${ending}`]: text })).rejects.toThrow(reason);
});

it("two captions, two metadata files or none are refused with the way out", async () => {
  await expect(readFrom({ "a.txt": "x", "a.caption": "y" })).rejects.toThrow(/keep one/);
  await expect(readFrom({ "metadata.jsonl": "", "metadata.csv": "" })).rejects.toThrow(/keep one/);
  await expect(readFrom({})).rejects.toThrow(/a\.png has no caption: write .*a\.txt/);
  const empty = await folder({});
  await unlink(join(empty, "a.png"));
  await expect(readPictures(empty, [1, 1])).rejects.toThrow(/holds no pictures/);
  const accent = "caf\u00e9.png";
  const named = await folder({
    "metadata.jsonl": JSON.stringify({ file_name: accent, text: "x" }),
  });
  await rename(join(named, "a.png"), join(named, accent.normalize("NFD")));
  expect((await readPictures(named, [1, 1])).captions).toEqual(["x"]);
});
