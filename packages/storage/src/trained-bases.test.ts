import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { type CheckedFolder, createCheckedFolder, sumsOf } from "./checked-folder";
import { keepBases, putBases } from "./trained-bases";

let [from, out] = ["", ""];
beforeEach(async () => {
  const directory = await mkdtemp(join(tmpdir(), "tandem-bases-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  [from, out] = [join(directory, "teachers"), join(directory, "out")];
  for (const [part, text] of [
    ["model", "old"],
    ["training", "new"],
  ]) {
    await mkdir(join(from, "task-a", part), { recursive: true });
    for (const name of ["a", "b"]) await writeFile(join(from, "task-a", part, name), text);
  }
  await writeFile(join(from, "task-a/training/log.jsonl"), "1\n");
});

/** Each file that is copied is told first. */
const told = (folder: CheckedFolder, tell: (path: string) => Promise<void>): CheckedFolder => ({
  ...folder,
  together: (path, fill) =>
    folder.together(path, (copy) =>
      fill(async (...copied) => {
        await tell(copied[0]);
        await copy(...copied);
      }),
    ),
});

test("a base whose training ends while it is copied is the one of before or of after", async () => {
  const folder = await createCheckedFolder(out);
  let isOver = false;
  const publishing = told(folder, async (path) => {
    await writeFile(join(from, "task-a/training/log.jsonl"), "1\n2\n").catch(() => {}); // may grow
    if (isOver || !path.endsWith("model/b")) return;
    isOver = true;
    await rm(join(from, "task-a/model"), { recursive: true });
    await rename(join(from, "task-a/training"), join(from, "task-a/model"));
  });
  expect(await keepBases(from, ["task-a", "task-b"], publishing)).toBe(1);
  await folder.finish(async () => {});
  const files = await readdir(join(out, "teachers/task-a"), { recursive: true });
  expect(files.toSorted()).toEqual(["model", "model/a", "model/b", "model/log.jsonl"]);
  for (const name of ["a", "b"])
    expect(await readFile(join(out, "teachers/task-a/model", name), "utf8")).toBe("new");
  const listed: string[] = [];
  for await (const { path } of sumsOf(out)) listed.push(path);
  expect(listed).toHaveLength(3);
});

test("one that never keeps still is refused by name", async () => {
  const folder = await createCheckedFolder(out);
  let count = 0;
  const changing = told(folder, async () => {
    await writeFile(join(from, "task-a/training/a"), "x".repeat(++count));
  });
  const refused = { code: "unavailable", message: expect.stringMatching(/task-a has changed in/) };
  await expect(keepBases(from, ["task-a"], changing)).rejects.toMatchObject(refused);
  await folder.abandon();
  expect(await readdir(join(out, ".."))).toEqual(["teachers"]);
});

test("of a base in a backup what has a checksum is put back, and no link", async () => {
  await symlink("/etc", join(from, "task-a/link"));
  await symlink("/etc", join(from, "task-b"));
  await putBases({ from, to: out }, ["task-a", "task-b"], new Set(["task-a/model/a", "task-b/x"]));
  const entries = await readdir(out, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  expect(files.map(({ parentPath, name }) => join(parentPath, name))).toEqual([
    join(out, "task-a/model/a"),
  ]);
});
