import { MessageChannel } from "node:worker_threads";
import { TandemError } from "@tandem/core/errors";
import { expect, it, onTestFinished } from "vitest";
import type { PickedFile } from "./files/browser-files";
import { pickedOf } from "./files/browser-files";
import type { IntakeTask, Progress } from "./intake";
import { openIntake } from "./open-intake";
import type { PictureDecoder } from "./pictures/decoder";
import { nodeDecoder } from "./pictures/node-decoder";
import { type OpenFeatures, serveIntake } from "./serve-intake";
import { bytesOfPicture, painting } from "./testing/pictures";

const task: IntakeTask = {
  classes: [{ name: "cat", words: ["cat"] }],
  modalities: ["image-text"],
  pictures: { size: 16, colour: true, background: 255 },
};
const picked = (path: string, content: Uint8Array | string): PickedFile => ({
  path,
  file: new File([content as BlobPart], path),
});

function connected(decoder: PictureDecoder, ...open: [OpenFeatures?]) {
  const { port1, port2 } = new MessageChannel();
  onTestFinished(() => port1.close());
  const seen: unknown[] = [];
  port2.on("message", (message) => seen.push(message));
  serveIntake(port1 as never, decoder, ...open);
  const client = openIntake(port2 as never);
  port1.start();
  return { client, seen };
}

it("a page gets what was read, in pieces, while it goes on", async () => {
  const { client, seen } = connected(nodeDecoder);
  const progress: Progress[] = [];
  const bytes = await Promise.all([1, 2].map((i) => bytesOfPicture(painting(20, 20, i).png())));
  const rows = Array.from({ length: 1200 }, (_, i) => `${(i % 2) + 1}.png,cat,text ${i}\n`);
  const files = [
    picked("cat/1.png", bytes[0]),
    picked("cat/2.png", bytes[1]),
    picked("cat/t.csv", `file,label,text\n${rows.join("")}`),
  ];
  const intake = await client.read(files, { task, progress: (one) => progress.push(one) });
  expect(intake.samples.map(({ id, label, caption }) => [id, label, caption])).toEqual([
    ["cat/1.png", 0, "text 0"],
    ["cat/2.png", 0, "text 1"],
  ]);
  expect(intake.samples[0].picture?.length).toBe(768);
  expect(intake.leftOut).toHaveLength(1198);
  expect(progress.at(-1)).toMatchObject({ files: 3, filesDone: 3 });
  const types = seen.map((message) => (message as { type: string }).type);
  expect(types.filter((type) => type === "rows")).toHaveLength(3);
});

const backbone = {
  url: "/backbones/small/model.json",
  sha256: "0a".repeat(32),
  normalisation: "0..1",
  size: 40,
  features: 2,
} as const;

it("pictures come with what the task's backbone makes of them at its own size", async () => {
  const png = async (seed: number) => bytesOfPicture(painting(80, 40, seed).png());
  const files = [picked("cat/1.png", await png(1)), picked("cat/2.png", await png(2))];
  const seen: string[] = [];
  const { client } = connected(nodeDecoder, async ({ url }) => {
    seen.push(url);
    const size = backbone.size;
    return {
      size,
      // Left of its last row, which a wide picture leaves to the background, and its middle.
      of: async (pixels) => {
        const middle = 3 * (size / 2) * size;
        return Float32Array.of(pixels[pixels.length - 1], pixels.length, pixels[middle + 2]);
      },
    };
  });
  const { samples } = await client.read(files, { task: { ...task, backbone } });
  expect(seen).toEqual([backbone.url]);
  expect(samples.map(({ picture }) => picture?.length)).toEqual([768, 768]);
  expect(samples.map(({ features }) => Array.from(features ?? []))).toEqual([
    [255, 4800, 37],
    [255, 4800, 74],
  ]);
});

it("a backbone that cannot be opened, or fails, ends the reading with its reason", async () => {
  const files = [picked("cat/1.png", await bytesOfPicture(painting(20, 20).png()))];
  const reading = (...open: [OpenFeatures?]) =>
    connected(nodeDecoder, ...open).client.read(files, { task: { ...task, backbone } });
  await expect(reading()).rejects.toMatchObject({ code: "not-supported" });
  const changed = new TandemError("corrupt", "the backbone has changed");
  await expect(reading(() => Promise.reject(changed))).rejects.toMatchObject({ code: "corrupt" });
  const fails = { size: 40, of: () => Promise.reject(new TandemError("unavailable", "no memory")) };
  await expect(reading(async () => fails)).rejects.toThrow("no memory");
});

it("cancelling ends the worker's work too, and the next reading begins afresh", async () => {
  let decoded = 0;
  const slow: PictureDecoder = {
    kinds: ["png"],
    async decode(...given) {
      decoded++;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return nodeDecoder.decode(...given);
    },
  };
  const { client } = connected(slow);
  const bytes = await bytesOfPicture(painting(20, 20, 1).png());
  const files = Array.from({ length: 50 }, (_, i) => picked(`cat/${i}.png`, bytes));
  const abort = new AbortController();
  const reading = client.read(files, {
    task,
    signal: abort.signal,
    progress: ({ filesDone }) => filesDone > 0 && abort.abort(),
  });
  await expect(reading).rejects.toMatchObject({ code: "cancelled" });
  const soFar = decoded;
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(decoded).toBeLessThanOrEqual(soFar + 2); // what was in the works
  const intake = await client.read(files.slice(0, 2), { task });
  expect(intake.samples).toHaveLength(1);
});

it("picked files keep the folders that they lie in", () => {
  const file = new File(["x"], "1.png");
  const inFolder = Object.assign(new File(["x"], "1.png"), { webkitRelativePath: "cat/1.png" });
  expect(pickedOf([file, inFolder]).map(({ path }) => path)).toEqual(["1.png", "cat/1.png"]);
});
