import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { makeFolder } from "./make-folder";

it("a folder is made with those above it, and may be there already", async () => {
  const root = await mkdtemp(join(tmpdir(), "tandem-folder-"));
  onTestFinished(() => rm(root, { recursive: true }));
  const folder = join(root, "a", "b", "c");
  await makeFolder(folder, 0o700);
  await makeFolder(folder);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  await writeFile(join(root, "file"), "");
  for (const wrong of [join(root, "file"), join(root, "file", "a", "b")])
    await expect(makeFolder(wrong)).rejects.toMatchObject({
      code: "bad-config",
      message: expect.stringMatching(new RegExp(`^${wrong} .*: name another folder$`)),
    });
});

it.runIf(process.platform === "linux")("a file system that takes no folder is said at once", () =>
  expect(makeFolder("/proc/tandem/data")).rejects.toThrow(
    "/proc/tandem/data cannot be created or written to (ENOENT): name another folder",
  ),
);
