import { cp, mkdtemp, readdir, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { PreviewView } from "@tandem/protocol/view";
import { createMemoryBlobs } from "@tandem/storage/memory-blobs";
import { createMemoryTasks } from "@tandem/storage/memory-tasks";
import { decode } from "fast-png";
import { expect, onTestFinished, test } from "vitest";
import { stampOf } from "./preview-folder";
import { previewRoutes } from "./preview-routes";
import { testBases, testPreviews } from "./testing/memory-tasks";
import { serveRest } from "./testing/rest";

const fmnist = { kind: "shipped", checkpoint: "fmnist" };

async function open() {
  const directory = await mkdtemp(join(tmpdir(), "tandem-previews-"));
  const tasks = createMemoryTasks();
  const bases = testBases({ tasks, blobs: createMemoryBlobs() });
  const previews = testPreviews({ tasks, bases, directory });
  onTestFinished(async () => {
    await previews.close();
    await rm(directory, { recursive: true });
  });
  const { ask, given, refusal } = await serveRest(previewRoutes(previews));
  const body = (change: object) =>
    JSON.stringify({ teacher: fmnist, prompts: ["a shirt", "a sneaker"], size: 16, ...change });
  const paint = (change: object = {}) => given<PreviewView>("POST", "previews", body(change));
  const refused = (change: object) => refusal("POST", "previews", body(change));
  const stop = (id: string) => given<PreviewView>("DELETE", `previews/${id}`);
  const until = (id: string, state: PreviewView["state"]) =>
    expect
      .poll(() => given("GET", `previews/${id}`), { timeout: 40_000, interval: 50 })
      .toMatchObject({ state });
  return { ask, refusal, directory, paint, refused, stop, until };
}

test("a base paints a study's prompts once, and the sheet is kept", async () => {
  const { ask, directory, paint, until, refusal } = await open();
  expect(await paint({ begin: false })).toMatchObject({ state: "none", fraction: 0 });
  const { id, state } = await paint();
  expect(state).toBe("waiting");
  expect(await refusal("GET", `previews/${id}/sheet.png`)).toMatch(/^404 not-found/);
  expect((await paint()).id).toBe(id); // the same sheet is not painted twice
  await until(id, "done");
  const { sheet = "" } = await paint({ begin: false });
  const response = await ask("GET", sheet.replace("/api/", ""));
  expect(response.headers.get("content-type")).toBe("image/png");
  const { width, height } = decode(new Uint8Array(await response.arrayBuffer()));
  expect([width, height]).toEqual([32, 16]);
  expect(await readdir(directory)).toEqual([`${id}.png`]);
  for (const change of [{ prompts: ["a sneaker", "a shirt"] }, { size: 32, teacher: clipart }])
    expect((await paint({ ...change, begin: false })).id).not.toBe(id);
}, 60_000);
const clipart = { kind: "shipped", checkpoint: "clipart" };

test("one sheet is painted at a time, others wait for it, and each can be stopped", async () => {
  const { directory, paint, stop, until, refused } = await open();
  const prompts = Array.from({ length: 16 }, (_, i) => `a rabbit ${i}`);
  const first = await paint({ teacher: clipart, size: 32, prompts });
  await until(first.id, "painting");
  const others: PreviewView[] = [];
  for (let i = 0; i < 8; i++) others.push(await paint({ prompts: [`a shirt ${i}`] }));
  expect(others.map(({ state }) => state)).toEqual(others.map(() => "waiting"));
  expect(await refused({ prompts: ["one more"] })).toMatch(/^429 too-many 8 sheets wait/);
  for (const { id } of [first, ...others])
    expect(await stop(id)).toMatchObject({ state: "stopped" });
  const [again] = others;
  expect(await paint({ prompts: ["a shirt 0"] })).toEqual({ ...again, state: "waiting" });
  await until(again.id, "done");
  expect(await readdir(directory)).toEqual([`${again.id}.png`]);
}, 60_000);

test("what cannot paint is refused with the way out, before anything is painted", async () => {
  const { refused, refusal, directory } = await open();
  const [folder, path] = ["folder", resolve("public/teacher/fmnist")];
  const refusals: readonly (readonly [object, RegExp])[] = [
    [{ teacher: { kind: "none" } }, /^400 bad-config teacher: choose one that paints/],
    [{ teacher: { kind: "shipped", checkpoint: "nobody" } }, /no base nobody: use one of/],
    [{ size: 32 }, /teacher: it paints 16 x 16 pixels, and .*“this study” have 32 x 32/],
    [{ size: 17 }, /^400 bad-config size/],
    [{ teacher: { kind: folder, path: "public/teacher/fmnist" } }, /write the whole path/],
    [{ teacher: { kind: folder, path }, size: 64 }, /teacher: it paints 16 x 16/],
    [{ teacher: { kind: "remote" } }, /this server knows none: set TANDEM_TEACHER_URL/],
    [{ teacher: { kind: "trained" } }, /^400 bad-config task: say whose base/],
    [{ teacher: { kind: "trained" }, task: "task-0123456789abcdef" }, /^404 not-found/],
    [{ teacher: { kind: "trained" }, task: "../x" }, /^400 bad-config task/],
    [{ prompts: [] }, /^400 bad-config prompts/],
    [{ prompts: Array.from({ length: 17 }, () => "x") }, /^400 bad-config prompts/],
    [{ prompts: ["x".repeat(1001)] }, /^400 bad-config prompts/],
    [{ prompts: [" "] }, /^400 bad-config prompts/],
    [{ more: 1 }, /^400 bad-config .*more/],
  ];
  for (const [change, message] of refusals) expect(await refused(change)).toMatch(message);
  for (const id of ["x", `..%2f${"a".repeat(61)}`, "A".repeat(64)])
    expect(await refusal("GET", `previews/${id}/sheet.png`)).toMatch(/^404 not-found/);
  expect(await readdir(directory)).toEqual([]);
});

test("a model's stamp is another once one of its files is", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tandem-stamp-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp("public/teacher/fmnist", folder, { recursive: true });
  const before = await stampOf(folder);
  expect(await stampOf(folder)).toBe(before);
  await utimes(join(folder, "unet/config.json"), 1, 1);
  expect(await stampOf(folder)).not.toBe(before);
});
