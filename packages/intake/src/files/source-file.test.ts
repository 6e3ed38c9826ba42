import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { filesAt } from "./node-files";
import { bytesOf, chunksOf, cleanPath, isHidden } from "./source-file";

it("a directory gives the files below it and follows no link; a file gives itself", async () => {
  const root = await mkdtemp(join(tmpdir(), "tandem-intake-"));
  try {
    await mkdir(join(root, "cat/small"), { recursive: true });
    await writeFile(join(root, "cat/small/b.txt"), "b".repeat(100_000));
    await writeFile(join(root, "a.txt"), "a");
    await symlink("/etc/hostname", join(root, "out.txt"));
    const files = await filesAt(root);
    expect(files.map(({ path, size }) => [path, size])).toEqual([
      ["a.txt", 1],
      ["cat/small/b.txt", 100_000],
    ]);
    expect(new TextDecoder().decode((await bytesOf(files[1])).all)).toBe("b".repeat(100_000));
    expect(await files[1].slice(1, 3)).toEqual(new Uint8Array([98, 98]));
    expect((await filesAt(join(root, "a.txt"))).map(({ path }) => path)).toEqual(["a.txt"]);
  } finally {
    await rm(root, { recursive: true });
  }
});

it("a file that has become shorter is an error, not an endless wait", async () => {
  const all = chunksOf(async () => new Uint8Array(0), 0, 10);
  await expect(all.next()).rejects.toMatchObject({ code: "corrupt" });
});

it.each([
  ["a/../../b.png"],
  ["/etc/passwd"],
  ["\\\\host\\b.png"],
  ["c:\\b.png"],
  ["a//b.png"],
  ["a\nb.png"],
  ["a\0.png"],
  ["a\ud800.png"],
  [`${"a".repeat(2000)}.png`],
])("%j is no path", (path) => {
  expect(cleanPath(path)).toMatchObject({ code: "bad-path" });
});

it("paths of Windows and of macOS read like others", () => {
  expect(cleanPath("cat\\u\u0308.png")).toBe("cat/ü.png");
  expect(cleanPath("./cat/a..b.png")).toBe("cat/a..b.png");
});

it("files that systems make are hidden, and no others", () => {
  const hidden = [".DS_Store", "__MACOSX/cat/._1.png", "cat/Thumbs.db", ".git/x", "a/desktop.ini"];
  expect(hidden.filter((path) => !isHidden(path))).toEqual([]);
  expect(["cat/1.png", "./a.png", "../a.png", "My.Icon/a.png"].filter(isHidden)).toEqual([]);
});
