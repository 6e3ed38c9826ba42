import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { LabelledSet } from "@tandem/core/data";
import type { Task } from "@tandem/core/task";
import { u8 } from "@tandem/core/tensor";
import { decodeLabelledSet, encodeLabelledSet } from "@tandem/protocol/labelled-set";
import { decodeSheet } from "@tandem/protocol/sheet";
import { type Zippable, zipSync } from "fflate";
import sharp from "sharp";
import { expect, it, onTestFinished } from "vitest";
import { filesAt } from "../files/node-files";
import { bytesOf } from "../files/source-file";
import { nodeDecoder } from "../pictures/node-decoder";
import { bytesOfPicture, fileOf, painting } from "../testing/pictures";
import { filesOfSet, openTaskZip, readSet, readTask } from "./read-task";
import { countsOf, sheetOf } from "./set-sheet";
import { taskZip } from "./write-task";

const task: Task = {
  name: "Fruit",
  description: "",
  classes: [
    { name: "pear", words: ["pear"] },
    { name: "apple", words: ["apple", "pippin"] },
  ],
  modalities: ["image", "text", "image-text"],
  pictures: { size: 16, colour: true, background: 200 },
  prompts: { kind: "captions" },
  publicLicence: "CC0-1.0",
  least: { participant: 10, class: 2 },
  organiser: { name: "", contact: "" },
  teacher: { kind: "none" },
};
const text = (content: string) => new TextEncoder().encode(content);
const picture = (seed: number, width = 40, height = 20) =>
  bytesOfPicture(painting(width, height, seed).png());
const open = (files: Zippable | Uint8Array) =>
  openTaskZip(fileOf("upload.zip", files instanceof Uint8Array ? files : zipSync(files)));
const read = async (files: Zippable, of = task) =>
  readSet(filesOfSet(await open(files), "public"), "public", { task: of, decoder: nodeDecoder });

const fruit = async (): Promise<Record<string, Uint8Array>> => ({
  "apple/a.jpg": await bytesOfPicture(painting(30, 30, 1).jpeg()),
  "apple/b.png": await picture(2),
  "pear/c.webp": await bytesOfPicture(painting(20, 40, 3, 4).webp()),
  "metadata.csv": text(
    'file_name,text,label\napple/a.jpg,"round, and\nred",\napple/b.png,"a ""green"" one",pear\n',
  ),
  "words.jsonl": text(
    '{"text":"a bell of a fruit","label":"pear"}\n{"text":"keeps the doctor away","label":"pippin"}\n',
  ),
  "notes/readme.pdf": text("%PDF-1.4"),
  "quince/d.png": await picture(4),
});

it("reads pictures in folders of classes, their texts, and texts alone, in the order of classes", async () => {
  const { set, leftOut } = await read(await fruit());
  expect([...set.labels]).toEqual([0, 0, 0, 1, 1]);
  expect(set.captions).toEqual([
    'a "green" one', // in a folder of apples, and the table says pear
    "",
    "a bell of a fruit",
    "round, and red",
    "keeps the doctor away",
  ]);
  expect(set.present?.image).toEqual(Uint8Array.of(1, 1, 0, 1, 0));
  expect(set.present?.text).toEqual(Uint8Array.of(1, 0, 1, 1, 1));
  expect(set.images?.shape).toEqual([5, 16, 16, 3]);
  expect(decodeLabelledSet(encodeLabelledSet(set))).toEqual(set);
  expect(leftOut.map(({ path, code }) => [path, code])).toEqual([
    ["notes/readme.pdf", "kind"],
    ["quince/d.png", "unknown-class"],
  ]);
  expect(leftOut[1].sentence).toMatch(/one of the classes: pear, apple/);
});

it("fits pictures into the task's square, over its background, in grey where so", async () => {
  const pictures = { size: 16, colour: false, background: 200 } as const;
  const wide = await sharp({ create: { width: 32, height: 16, channels: 3, background: "red" } })
    .png()
    .toBuffer();
  const { set } = await read({ "pear/a.png": new Uint8Array(wide) }, { ...task, pictures });
  const pixel = (y: number, x: number) => [
    ...(set.images?.data.subarray(3 * (16 * y + x), 3 * (16 * y + x) + 3) ?? []),
  ];
  expect(pixel(0, 0)).toEqual([200, 200, 200]);
  expect(pixel(8, 8)).toEqual([76, 76, 76]); // luma of red
});

it("what is exported reads as the same sets, to the byte, whatever is packed around it", async () => {
  const first = (await read(await fruit())).set;
  const tested = (await read({ "pear/t.png": await picture(9) })).set;
  const zip = taskZip(task, { public: first, test: tested });
  expect(taskZip(task, { public: first, test: tested })).toEqual(zip);
  const again = await readTask(await open(zip), nodeDecoder);
  expect(again.task).toEqual(task);
  expect(again.leftOut).toEqual([]);
  expect(encodeLabelledSet(again.sets.public ?? tested)).toEqual(encodeLabelledSet(first));
  expect(encodeLabelledSet(again.sets.test ?? first)).toEqual(encodeLabelledSet(tested));

  const folder = await mkdtemp(join(tmpdir(), "tandem-task-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const file of (await open(zip)).files) {
    const target = join(folder, "fruit", file.path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, (await bytesOf(file)).all ?? "");
  }
  const fromFolder = await readTask({ files: await filesAt(folder), leftOut: [] }, nodeDecoder);
  expect(encodeLabelledSet(fromFolder.sets.public ?? tested)).toEqual(encodeLabelledSet(first));
});

it("takes of a whole task's zip the set that is asked for, and says what it leaves", async () => {
  const whole = {
    "study/task.json": text("{}"),
    "study/public/apple/a.png": await picture(1),
    "study/test/pear/b.png": await picture(2),
    "study/.DS_Store": text("x"),
  };
  const listing = await open(whole);
  const options = { task, decoder: nodeDecoder };
  const { set, leftOut } = await readSet(filesOfSet(listing, "test"), "test", options);
  expect([...set.labels]).toEqual([0]);
  expect(leftOut.map(({ path }) => path)).toEqual(["apple/a.png"]);
});

it("leaves out what would lead out of the folder, and duplicates, with the reason", async () => {
  const { set, leftOut } = await read({
    "pear/a.png": await picture(1),
    "pear/again.png": await picture(1),
    "../pear/b.png": await picture(2),
    "/pear/c.png": await picture(3),
    "C:/pear/d.png": await picture(4),
  });
  expect(set.size).toBe(1);
  const codes = leftOut.map(({ code }) => code).sort();
  expect(codes).toEqual(["bad-path", "bad-path", "bad-path", "duplicate"]);
});

const zeros = (bytes: number) => new Uint8Array(bytes);
it.each<[string, () => Zippable | Uint8Array, string, RegExp]>([
  ["no zip", () => text("hello"), "bad-data", /cannot be read as a zip/],
  ["half a zip", () => zipSync({ "a.png": zeros(99) }).subarray(0, 40), "bad-data", /zip/],
  [
    "a bomb",
    () => ({ "pear/a.png": [zeros(2 ** 24), { level: 9 }] }),
    "too-large",
    /times its size/,
  ],
  [
    "too many files",
    () => Object.fromEntries(Array.from({ length: 40_001 }, (_, i) => [`${i}`, zeros(0)])),
    "too-large",
    /40001 files, at most 40000/,
  ],
])("refuses %s before it is unpacked", async (_, files, code, message) => {
  await expect(open(files())).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
});

it("refuses an entry that promises less than it holds", async () => {
  const zip = zipSync({ "pear/a.png": [zeros(2 ** 20), { level: 9 }] });
  const view = new DataView(zip.buffer);
  for (let at = 0; at < zip.length - 4; at++)
    if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, 1000, true);
  const listing = await open(zip);
  const set = readSet(listing, "public", { task, decoder: nodeDecoder });
  await expect(set).rejects.toMatchObject({
    code: "bad-data",
    message: expect.stringMatching(/public: none of the files is a sample.*pear\/a\.png/),
  });
});

it("refuses more samples than a set can have, and a set without any", async () => {
  const most = 2 ** 22 / 64 ** 2;
  const lines = Array.from({ length: most + 1 }, (_, i) => `a word ${i},pear\n`).join("");
  const listing = await open({ "texts.csv": text(`text,label\n${lines}`) });
  const large: Task = { ...task, pictures: { ...task.pictures, size: 64 } };
  await expect(
    readSet(listing, "test", { task: large, decoder: nodeDecoder }),
  ).rejects.toMatchObject({
    code: "too-large",
    message: expect.stringMatching(/test: 1025.*1024/),
  });
  await expect(read({})).rejects.toThrow("It is a zip without files.");
});

it.each<[string, string | undefined, RegExp]>([
  ["is missing", undefined, /there is no task.json/],
  ["is no JSON", "{", /task.json: is not JSON/],
  ["has a key that is none", JSON.stringify({ ...task, secret: 1 }), /task.json: .*secret/],
  ["has one class", JSON.stringify({ ...task, classes: [{ name: "a" }] }), /task.json: classes/],
  [
    "climbs",
    JSON.stringify({ ...task, classes: [{ name: "../a" }, { name: "b" }] }),
    /names a folder/,
  ],
  ["is long", JSON.stringify({ ...task, x: "x".repeat(2 ** 18) }), /task.json: .* at most/],
])("refuses a task whose definition %s", async (_, definition, message) => {
  const files = {
    "public/pear/a.png": await picture(1),
    ...(definition !== undefined && { "task.json": text(definition) }),
  };
  const task = readTask(await open(files), nodeDecoder);
  await expect(task).rejects.toMatchObject({
    code: "bad-data",
    message: expect.stringMatching(message),
  });
});

it("draws a set's pictures class by class, and the rest of the last row white", () => {
  const set: LabelledSet = {
    size: 3,
    labels: Int32Array.of(0, 0, 1),
    images: u8([3, 1, 1, 3], Uint8Array.of(1, 1, 1, 2, 2, 2, 3, 3, 3)),
    captions: ["", "", ""],
  };
  const sheet = sheetOf(set) ?? new Uint8Array();
  expect([...decodeSheet(sheet, [4, 1, 1, 3]).data].filter((_, i) => i % 3 === 0)).toEqual([
    1, 3, 2, 255,
  ]);
  expect(countsOf(set, 3)).toEqual([2, 1, 0]);
  expect(sheetOf({ size: 1, labels: Int32Array.of(0), captions: ["a"] })).toBeUndefined();
});
