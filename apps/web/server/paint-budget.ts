import { readPainted, writePainted } from "@tandem/storage/painted-file";

/** Pictures that an experiment may ask of a teacher that costs money with each. */
const most = 20;

/** How many of them are left, kept in a file, so that a restart gives no more. */
export function createPaintBudget(path: string) {
  let known: Promise<Map<string, number>> | undefined;
  const counts = () => {
    known ??= readPainted(path).then((painted) => new Map(Object.entries(painted)));
    return known;
  };
  let writing: Promise<void> = Promise.resolve();

  async function take(experiment: string): Promise<void> {
    const all = await counts();
    all.set(experiment, (all.get(experiment) ?? 0) + 1);
    writing = writing.catch(() => {}).then(() => writePainted(path, Object.fromEntries(all)));
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
