import { arrange, noChoices } from "./arrange";
import type { Intake, IntakeTask, Reading } from "./intake";

/** Before anything is read. */
export const emptyIntake = (task: IntakeTask): Intake =>
  arrange(
    { task, pictures: [], texts: [], tables: [], leftOut: [], notes: [], hidden: 0 },
    noChoices,
  );

/**
 * What was read and decided, and what was read after it. Where paths are there already, all that is new
 * lies in a folder of its own, so that tables go on naming the pictures beside them.
 */
export function addReading({ reading, choices }: Intake, more: Reading): Intake {
  const known = new Set(pathsOf(reading));
  const isFree = (folder: string) => pathsOf(more).every((path) => !known.has(folder + path));
  let folder = "";
  for (let n = 2; !isFree(folder); n++) folder = `added ${n}/`;
  const moved = <T extends { readonly path: string }>(items: readonly T[]): readonly T[] =>
    items.map((item) => ({ ...item, path: folder + item.path }));
  return arrange(
    {
      task: reading.task,
      pictures: [...reading.pictures, ...moved(more.pictures)],
      texts: [...reading.texts, ...moved(more.texts)],
      tables: [...reading.tables, ...moved(more.tables)],
      leftOut: [...reading.leftOut, ...moved(more.leftOut)],
      notes: [...reading.notes, ...moved(more.notes)],
      hidden: reading.hidden + more.hidden,
    },
    choices,
  );
}

const pathsOf = ({ pictures, texts, tables }: Reading): readonly string[] =>
  [pictures, texts, tables].flatMap((files) => files.map(({ path }) => path));
