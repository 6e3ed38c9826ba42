import { readFile, rename, writeFile } from "node:fs/promises";

/** Pictures that an experiment may ask of a teacher that costs money with each. */
const most = 20;

/** How many of them are left, kept in a file, so that a restart gives no more. */
export function createPaintBudget(path: string) {
  let known: Promise<Map<string, number>> | undefined;
  const read = async () => {
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "{}";
      throw error;
    });
    return new Map(Object.entries(JSON.parse(text) as Record<string, number>)); // by `take`
  };
  const counts = () => {
    known ??= read();
    return known;
  };
  let writing: Promise<void> = Promise.resolve();

  async function take(experiment: string): Promise<void> {
    const all = await counts();
    all.set(experiment, (all.get(experiment) ?? 0) + 1);
    writing = writing
      .catch(() => {})
      .then(async () => {
        await writeFile(`${path}.part`, JSON.stringify(Object.fromEntries(all)));
        await rename(`${path}.part`, path);
      });
    await writing;
  }

  return {
    of: most,
    left: async (experiment: string): Promise<number> =>
      Math.max(0, most - ((await counts()).get(experiment) ?? 0)),
    take,
  };
}

export type PaintBudget = ReturnType<typeof createPaintBudget>;
