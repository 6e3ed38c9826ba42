import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { inFolder, participationOf } from "./virtual";

it("a cohort is a share of the clients, and no more than all", () => {
  expect(participationOf(200, 5000)).toBe(0.04);
  expect(participationOf(6, 6)).toBe(1);
  expect(() => participationOf(7, 6)).toThrow("--cohort 7 is more than the 6 clients");
});

it("clients wait in a folder that is gone afterwards, whatever happens", async () => {
  const directory = await mkdtemp(join(tmpdir(), "tandem-test-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  vi.stubEnv("TMPDIR", directory);
  onTestFinished(() => void vi.unstubAllEnvs());
  const broken = inFolder(async ({ storeOf }) => {
    await storeOf(3).set("a/b", Uint8Array.of(1));
    expect(await storeOf(3).keys()).toEqual(["a/b"]);
    expect(await storeOf(4).keys()).toEqual([]);
    expect(await readdir(directory)).toHaveLength(1);
    throw new Error("broken");
  });
  await expect(broken).rejects.toThrow("broken");
  expect(await readdir(directory)).toEqual([]);
});
