import { TandemError } from "@tandem/core/errors";
import { arrange } from "./arrange";
import type { Choices, Intake, Roles } from "./intake";

/** Gives samples a class, by their ids. Throws `bad-config` for a class that the task does not have. */
export function relabel(intake: Intake, ids: Iterable<string>, label: number): Intake {
  checkLabel(intake, label);
  const labels = Array.from(ids, (id): [string, number] => [id, label]);
  return changed(intake, { labels: new Map([...intake.choices.labels, ...labels]) });
}

/** Takes samples out, by their ids. */
export const remove = (intake: Intake, ids: Iterable<string>): Intake =>
  changed(intake, { removed: new Set([...intake.choices.removed, ...ids]) });

/**
 * Gives a folder's samples a class; null leaves them out. Throws `bad-config` for a class that the task
 * does not have.
 */
export function assignFolder(intake: Intake, key: string, label: number | null): Intake {
  if (label !== null) checkLabel(intake, label);
  return changed(intake, { folders: new Map([...intake.choices.folders, [key, label]]) });
}

/** Makes every guess a decision. */
export function confirmGuesses(intake: Intake): Intake {
  const guesses = intake.folders.flatMap(({ key, guess }): [string, number][] =>
    guess === undefined ? [] : [[key, guess]],
  );
  return changed(intake, { folders: new Map([...intake.choices.folders, ...guesses]) });
}

/** Says what a table's columns are. Throws `bad-config` for a column that it does not have. */
export function chooseColumns(intake: Intake, path: string, roles: Roles): Intake {
  const table = intake.reading.tables.find((one) => one.path === path);
  const odd = Object.values(roles).find((column) => table?.columns[column] === undefined);
  if (!table || odd !== undefined)
    throw new TandemError("bad-config", `${path} has no column ${odd}: choose one of its own`);
  return changed(intake, { roles: new Map([...intake.choices.roles, [path, roles]]) });
}

const changed = ({ reading, choices }: Intake, change: Partial<Choices>): Intake =>
  arrange(reading, { ...choices, ...change });

function checkLabel({ reading }: Intake, label: number) {
  const { classes } = reading.task;
  if (!classes[label])
    throw new TandemError(
      "bad-config",
      `there is no class ${label}: choose one of ${classes.map(({ name }) => name).join(", ")}`,
    );
}
