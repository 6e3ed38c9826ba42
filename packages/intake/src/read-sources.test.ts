import { zipSync } from "fflate";
import { beforeAll, expect, it } from "vitest";
import { assignFolder, chooseColumns, confirmGuesses, relabel, remove } from "./changes";
import type { SourceFile } from "./files/source-file";
import type { Intake, IntakeTask } from "./intake";
import type { PictureDecoder } from "./pictures/decoder";
import { nodeDecoder } from "./pictures/node-decoder";
import { readSources } from "./read-sources";
import { bytesOfPicture, fileOf, painting } from "./testing/pictures";

const task: IntakeTask = {
  classes: [
    { name: "cat", words: ["cat", "kitten"] },
    { name: "dog", words: ["dog"] },
  ],
  modalities: ["image", "text", "image-text"],
  pictures: { size: 16, colour: true, background: 255 },
};
let pictures: readonly Uint8Array[] = [];
beforeAll(async () => {
  pictures = await Promise.all(
    [0, 1, 2, 3, 4, 5].map((seed) => bytesOfPicture(painting(20, 20, seed).png())),
  );
});

const read = (
  files: readonly SourceFile[],
  changes: Partial<Parameters<typeof readSources>[1]> = {},
) => readSources(files, { task, decoder: nodeDecoder, ...changes });
const told = ({ samples }: Intake) =>
  samples.map(({ id, label, caption }) => [id.replace("\n", ":"), label, caption]);
const codes = ({ leftOut }: Intake) => leftOut.map(({ path, line, code }) => [path, line, code]);

it("pictures in folders: exact names count, others are guesses until somebody says so", async () => {
  const intake = await read([
    fileOf("set/Cat/1.png", pictures[0]),
    fileOf("set/dogs/2.png", pictures[1]),
    fileOf("set/misc/3.png", pictures[2]),
    fileOf("set/.DS_Store", "x"),
  ]);
  expect(intake.folders).toEqual([
    { key: "set/Cat", name: "set/Cat", label: 0, count: 1 },
    { key: "set/dogs", name: "set/dogs", guess: 1, count: 1 },
    { key: "set/misc", name: "set/misc", count: 1 },
  ]);
  expect(intake.reading.hidden).toBe(1);
  expect(intake.samples.map(({ label }) => label)).toEqual([0, undefined, undefined]);
  expect(intake.samples[0].picture?.length).toBe(16 * 16 * 3);
  expect(confirmGuesses(intake).samples.map(({ label }) => label)).toEqual([0, 1, undefined]);

  const without = assignFolder(assignFolder(intake, "set/misc", null), "set/dogs", 0);
  expect(told(without)).toEqual([
    ["set/Cat/1.png", 0, undefined],
    ["set/dogs/2.png", 0, undefined],
  ]);
  expect(codes(without)).toEqual([["set/misc/3.png", undefined, "unknown-class"]]);
  const moved = remove(relabel(without, ["set/dogs/2.png"], 1), ["set/Cat/1.png"]);
  expect(told(moved)).toEqual([["set/dogs/2.png", 1, undefined]]);
  expect(told(intake)).toHaveLength(3); // as it was
  expect(() => relabel(intake, [], 2)).toThrow("no class 2: choose one of cat, dog");
  expect(() => assignFolder(intake, "set/misc", -1)).toThrow("no class -1");
});

it("a table names files, classes and texts; its lines without use are told", async () => {
  const csv =
    'file_name,label,text\n1.png,kitten,"a cat,\nasleep"\n2,DOG,\n9.png,cat,lost\n1.png,cat,again\n3.png,bird,b\n';
  const intake = await read([
    fileOf("train/metadata.csv", csv),
    ...[1, 2, 3].map((i) => fileOf(`train/images/${i}.png`, pictures[i])),
  ]);
  expect(told(intake)).toEqual([
    ["train/images/1.png", 0, "a cat, asleep"],
    ["train/images/2.png", 1, undefined],
    ["train/images/3.png", undefined, "b"],
  ]);
  expect(codes(intake)).toEqual([
    ["train/metadata.csv", 5, "no-match"],
    ["train/metadata.csv", 6, "second-row"],
  ]);
  const bird = intake.folders.find(({ name }) => name === "bird");
  expect(bird).toEqual({
    key: "train/metadata.csv\nbird",
    name: "bird",
    table: "train/metadata.csv",
    count: 1,
  });
  expect(told(assignFolder(intake, bird?.key ?? "", 0))[2]).toEqual(["train/images/3.png", 0, "b"]);
  const others = chooseColumns(intake, "train/metadata.csv", { file: 0, text: 1 });
  expect(told(others)[0]).toEqual(["train/images/1.png", undefined, "kitten"]);
  expect(() => chooseColumns(intake, "train/metadata.csv", { file: 7 })).toThrow("no column 7");
});

it("JSON lines, texts beside pictures and a second table go together", async () => {
  const intake = await read([
    fileOf("a.jsonl", '{"image":"cat/1.png","caption":"one","size":3}\n\nnot json\n[1]\n'),
    fileOf("cat/1.png", pictures[1]),
    fileOf("cat/2.png", pictures[2]),
    fileOf("cat/2.txt", "\ufefftwo \r\n lines"),
    fileOf("readme.txt", "What this is"),
  ]);
  expect(told(intake)).toEqual([
    ["cat/1.png", 0, "one"],
    ["cat/2.png", 0, "two lines"],
  ]);
  expect(codes(intake)).toEqual([
    ["a.jsonl", 3, "bad-line"],
    ["a.jsonl", 4, "bad-line"],
    ["readme.txt", undefined, "no-match"],
  ]);
});

it("texts alone come from a table, or from files in folders", async () => {
  const table = await read([fileOf("t.csv", "text;label\nit purrs;cat\nit barks;dog\n;dog\n")]);
  expect(told(table)).toEqual([
    ["t.csv:2", 0, "it purrs"],
    ["t.csv:3", 1, "it barks"],
  ]);
  expect(codes(table)).toEqual([["t.csv", 4, "empty"]]);
  const files = await read([fileOf("cat/1.txt", "it purrs"), fileOf("other/2.txt", "x")]);
  expect(told(files)).toEqual([
    ["cat/1.txt", 0, "it purrs"],
    ["other/2.txt", undefined, "x"],
  ]);
});

it("what the study does not ask for is not read", async () => {
  const files = [
    fileOf("cat/1.png", pictures[1]),
    fileOf("cat/1.txt", "one"),
    fileOf("t.csv", "text,label\nx y,cat\n"),
  ];
  const images = await read(files, { task: { ...task, modalities: ["image"] } });
  expect(told(images)).toEqual([["cat/1.png", 0, undefined]]);
  expect(codes(images)).toEqual([
    ["cat/1.txt", undefined, "not-asked"],
    ["t.csv", undefined, "no-column"],
  ]);
  const texts = await read(files, { task: { ...task, modalities: ["text"] } });
  expect(told(texts)).toEqual([
    ["t.csv:2", 0, "x y"],
    ["cat/1.txt", 0, "one"],
  ]);
  expect(codes(texts)).toEqual([["cat/1.png", undefined, "not-asked"]]);
});

it("the same picture counts once, where it has a class", async () => {
  const intake = await read([
    fileOf("1.png", pictures[1]),
    fileOf("cat/1.png", pictures[1]),
    fileOf("dog/1.png", pictures[1]),
  ]);
  expect(told(intake)).toEqual([["cat/1.png", 0, undefined]]);
  expect(intake.leftOut.map(({ path, sentence }) => [path, sentence])).toEqual([
    ["1.png", "It is the same picture as cat/1.png."],
    ["dog/1.png", 'It is the same picture as cat/1.png, which is of "cat".'],
  ]);
  expect(told(remove(intake, ["cat/1.png"]))).toEqual([["dog/1.png", 1, undefined]]);
});

it("a zip is read as a folder is, without what has no place in it", async () => {
  const inner = zipSync({ "a.png": pictures[0] });
  const zip = zipSync({
    "data/cat/2.png": pictures[2],
    "data/cat/10.png": pictures[3],
    "__MACOSX/data/cat/._2.png": new Uint8Array(9),
    "../evil.png": pictures[4],
    "data/inner.zip": inner,
    "data/notes.md": new Uint8Array(9).fill(65),
  });
  const intake = await read([fileOf("all.zip", zip), fileOf("dog/1.png", pictures[5])]);
  expect(told(intake).map(([id]) => id)).toEqual([
    "all/data/cat/2.png",
    "all/data/cat/10.png",
    "dog/1.png",
  ]);
  expect(codes(intake)).toEqual([
    ["../evil.png", undefined, "bad-path"],
    ["all/data/inner.zip", undefined, "nested-zip"],
    ["all/data/notes.md", undefined, "kind"],
  ]);
  expect(intake.reading.hidden).toBe(1);
  const alone = await read([fileOf("all.zip", zip)]);
  expect(told(alone).map(([id]) => id)).toEqual(["data/cat/2.png", "data/cat/10.png"]);
  const named = await read([fileOf("cat/1.jpg", zip)]);
  expect(codes(named)).toEqual([["cat/1.jpg", undefined, "nested-zip"]]);
});

it("files of the same name do not take each other's place", async () => {
  const zips = [1, 2].map((i) => fileOf(`${i}.zip`, zipSync({ "cat/a.png": pictures[i] })));
  const intake = await read([...zips, fileOf("a.png", pictures[3]), fileOf("a.png", pictures[4])]);
  expect(told(intake).map(([id, label]) => [id, label])).toEqual([
    ["1/cat/a.png", 0],
    ["2/cat/a.png", 0],
    ["a.png", undefined],
  ]);
  expect(codes(intake)).toEqual([["a.png", undefined, "duplicate"]]);
});

it("progress counts up to all files, and is told while one takes long", async () => {
  const slow: PictureDecoder = {
    kinds: ["png"],
    decode: async (...given) => {
      await new Promise((resolve) => setTimeout(resolve, 700));
      return nodeDecoder.decode(...given);
    },
  };
  const files = [1, 2, 3, 4].map((i) => fileOf(`cat/${i}.png`, pictures[i]));
  const seen: { readonly at: number; readonly filesDone: number; readonly remainingMs?: number }[] =
    [];
  await read([...files, fileOf("x", "")], {
    decoder: slow,
    progress: (progress) => seen.push({ ...progress, at: performance.now() }),
  });
  expect(seen[0].filesDone).toBe(0);
  expect(seen.at(-1)).toMatchObject({ files: 5, filesDone: 5, taken: 4, leftOut: 1 });
  const gaps = seen.slice(1).map(({ at }, i) => at - seen[i].at);
  expect(Math.max(...gaps)).toBeLessThan(400);
  expect(seen.some(({ remainingMs }) => (remainingMs ?? 0) > 0)).toBe(true);
});

it("cancelling ends it at once, before and while a picture is decoded", async () => {
  const stuck: PictureDecoder = { kinds: ["png"], decode: () => new Promise(() => {}) };
  const files = [fileOf("cat/1.png", pictures[1])];
  const signal = AbortSignal.timeout(50);
  await expect(read(files, { decoder: stuck, signal })).rejects.toMatchObject({
    code: "cancelled",
  });
  await expect(read(files, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "cancelled",
  });
});

it("two files at most are in the works", async () => {
  let busy = 0;
  let most = 0;
  const counting: PictureDecoder = {
    kinds: ["png"],
    async decode(...given) {
      most = Math.max(most, ++busy);
      await new Promise((resolve) => setTimeout(resolve, 5));
      busy--;
      return nodeDecoder.decode(...given);
    },
  };
  await read(
    Array.from({ length: 12 }, (_, i) => fileOf(`cat/${i}.png`, pictures[i % 6])),
    { decoder: counting },
  );
  expect(most).toBe(2);
});

it("more pictures than a browser can keep with their features are left out while they are read", async () => {
  const url = "/backbones/net/model.json";
  const backbone = { url, sha256: "0".repeat(64), normalisation: "0..1", size: 24 } as const;
  const files = [0, 1, 2, 3].map((i) => fileOf(`cat/${i}.png`, pictures[i]));
  const asked: Uint8Array[] = [];
  const { samples, leftOut } = await read([...files, fileOf("cat/0.txt", "a cat")], {
    task: { ...task, backbone: { ...backbone, features: 2 ** 25 } }, // 128 MiB of each picture
    features: { size: 24, of: async (pixels) => Float32Array.of(asked.push(pixels)) },
  });
  expect([samples.length, asked.length]).toEqual([2, 2]);
  expect(leftOut).toEqual(
    ["cat/2.png", "cat/3.png"].map((path) => ({
      path,
      code: "too-many",
      sentence: "A browser can keep 2 pictures for this study, and there are more: bring fewer.",
    })),
  );
});
