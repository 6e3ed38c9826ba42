import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Sheets that are kept; of more than these the oldest go. */
const mostKept = 500;

/** Sheets of previews by their ids. */
export function createPreviewFolder(directory: string) {
  const pathOf = (id: string) => join(directory, `${id}.png`);
  const ageOf = (path: string) =>
    stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => 0,
    );

  async function forgetOldest(): Promise<void> {
    const names = (await readdir(directory)).filter((name) => name.endsWith(".png"));
    if (names.length <= mostKept) return;
    const ages = await Promise.all(
      names.map(async (name) => ({ name, at: await ageOf(join(directory, name)) })),
    );
    const oldest = ages.sort((a, b) => a.at - b.at).slice(0, names.length - mostKept);
    for (const { name } of oldest) await rm(join(directory, name), { force: true });
  }

  return {
    has: async (id: string): Promise<boolean> => (await ageOf(pathOf(id))) > 0,
    /** Throws as `readFile`. */
    read: (id: string): Promise<Uint8Array> => readFile(pathOf(id)),
    async write(id: string, sheet: Uint8Array): Promise<void> {
      await mkdir(directory, { recursive: true });
      await writeFile(`${pathOf(id)}.partial`, sheet);
      await rename(`${pathOf(id)}.partial`, pathOf(id));
      await forgetOldest();
    },
  };
}

/** Diffusers folders have components, and these their files; a distilled model lies below. */
const deepest = 2;
const mostFiles = 1000;

/** A hash of which files a model's folder has, with their sizes and times. */
export async function stampOf(folder: string): Promise<string> {
  const hash = createHash("sha256");
  let left = mostFiles;
  const visit = async (path: string, depth: number): Promise<void> => {
    const entries = await readdir(path, { withFileTypes: true });
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (left-- <= 0) return;
      const inner = join(path, entry.name);
      const found = await stat(inner).catch(() => undefined); // a link to nowhere
      hash.update(`${inner}\n${found?.size} ${found?.mtimeMs}\n`);
      if (found?.isDirectory() && depth < deepest) await visit(inner, depth + 1);
    }
  };
  await visit(folder, 0);
  return hash.digest("hex");
}
