import { grouped } from "@tandem/core/grouped";
import { type ClassMatch, createClassMatcher } from "./class-names";
import { folderOf, stemOf } from "./files/source-file";
import type {
  Choices,
  Folder,
  Intake,
  IntakeTask,
  LeftOut,
  Picture,
  Reading,
  Roles,
  Sample,
  Table,
} from "./intake";
import { findPictures } from "./tables/find-pictures";

export const noChoices: Choices = {
  folders: new Map(),
  roles: new Map(),
  labels: new Map(),
  removed: new Set(),
};

/** What a participant of the task may bring. */
export const wanted = ({ modalities }: Pick<IntakeTask, "modalities">) => ({
  pictures: modalities.some((modality) => modality !== "text"),
  texts: modalities.some((modality) => modality !== "image"),
});

/** A sample before its class is known; `folder` says who names it. */
type Draft = {
  readonly id: string;
  readonly from: string;
  readonly picture?: Picture;
  caption?: string;
  folder: FolderName;
};
type FolderName = Pick<Folder, "key" | "name" | "table">;

/** Which picture, caption and class belong together, by what was read and decided. */
export function arrange(reading: Reading, choices: Choices): Intake {
  const leftOut = [...reading.leftOut];
  const match = createClassMatcher(reading.task.classes);
  const drafts = new Map<string, Draft>(
    reading.pictures.map((picture) => [
      picture.path,
      { id: picture.path, from: picture.path, picture, folder: folderAt(picture.path) },
    ]),
  );
  const find = findPictures(reading.pictures.map(({ path }) => path));
  const gone = new Set(reading.leftOut.map(({ path }) => path));
  for (const table of reading.tables) {
    const roles = rolesOf(table, choices, reading.task);
    leftOut.push(...readRows({ table, roles, drafts, find, gone }));
  }
  leftOut.push(...readTexts(reading, choices, drafts, match));

  const kept = Array.from(drafts.values()).filter(({ id }) => !choices.removed.has(id));
  const folders = foldersOf(kept, choices, match);
  const labelled = kept.flatMap((draft) => {
    const folder = folders.get(draft.folder.key);
    const label = choices.labels.get(draft.id) ?? folder?.label;
    const isOut = label === undefined && choices.folders.get(draft.folder.key) === null;
    if (!isOut) return [{ draft, label }];
    const sentence = `You left out "${draft.folder.name}".`;
    leftOut.push({ path: draft.id, code: "unknown-class", sentence });
    return [];
  });
  const { samples, twice } = withoutTwins(labelled, reading.task);
  return {
    reading,
    choices,
    samples,
    leftOut: [...leftOut, ...twice],
    folders: Array.from(folders.values()),
    notes: reading.notes,
  };
}

const folderAt = (path: string): FolderName => ({ key: folderOf(path), name: folderOf(path) });
/** No path holds a line end. */
const wordOf = (table: string, name: string): FolderName => ({
  key: `${table}\n${name}`,
  name,
  table,
});

/** The columns that count: as chosen, else as guessed; without those that the task does not ask for. */
export function rolesOf({ path, guesses }: Table, { roles }: Choices, task: IntakeTask): Roles {
  const { pictures, texts } = wanted(task);
  const { file, label, text } = roles.get(path) ?? guesses;
  return {
    ...(file !== undefined && pictures && { file }),
    ...(label !== undefined && { label }),
    ...(text !== undefined && texts && { text }),
  };
}

const tidy = (text: string) => text.normalize("NFC").replace(/\s+/g, " ").trim();

/** Puts what the rows say to their pictures, or makes samples of texts; returns the rows without use. */
function readRows(options: {
  readonly table: Table;
  readonly roles: Roles;
  readonly drafts: Map<string, Draft>;
  readonly find: (table: string, cell: string) => string | undefined;
  readonly gone: ReadonlySet<string>;
}): readonly LeftOut[] {
  const { table, roles, drafts, find, gone } = options;
  const { path } = table;
  const { file, label, text } = roles;
  if ((file === undefined || label === undefined) && text === undefined) {
    const sentence = `Its columns are ${table.columns.join(", ")}: say which is the picture's file, its class or its text.`;
    return [{ path, code: "no-column", sentence }];
  }
  const leftOut: LeftOut[] = [];
  const named = new Set<string>();
  for (const { line, cells } of table.rows) {
    const cell = (column: number | undefined) => (column === undefined ? "" : tidy(cells[column]));
    const out = (code: LeftOut["code"], what: string) =>
      leftOut.push({ path, line, code, sentence: `Line ${line}: ${what}.` });
    const [name, word, caption] = [cell(file), cell(label), cell(text)];
    if (file === undefined) {
      const id = `${path}\n${line}`;
      const folder = label === undefined ? folderAt(path) : wordOf(path, word);
      if (caption) drafts.set(id, { id, from: path, caption, folder });
      else out("empty", "its text is empty");
      continue;
    }
    const draft = drafts.get(find(path, name) ?? "");
    if (!draft) {
      // A picture that was left out has been told of.
      if (!gone.has(`${folderOf(path)}/${name}`.replace(/^\//, "")))
        out("no-match", `there is no picture "${name}": add it, or correct the name`);
      continue;
    }
    const isSecond = named.has(draft.id) || (caption && draft.caption);
    named.add(draft.id);
    if (isSecond) out("second-row", `"${name}" has a line already, and the first one counts`);
    if (caption) draft.caption ??= caption;
    if (word && draft.folder.table === undefined) draft.folder = wordOf(path, word);
  }
  return leftOut;
}

/** Texts beside a picture of the same name are its caption, others samples of their own. */
function readTexts(
  { texts, pictures, tables }: Reading,
  { folders }: Choices,
  drafts: Map<string, Draft>,
  match: (name: string) => ClassMatch | undefined,
): readonly LeftOut[] {
  if (texts.length === 0) return [];
  const byStem = grouped(drafts.values(), ({ id }) => stemOf(id));
  return texts.flatMap(({ path, text }): readonly LeftOut[] => {
    const caption = tidy(text);
    const beside = byStem.get(stemOf(path));
    for (const draft of beside ?? []) draft.caption ??= caption;
    if (beside) return [];
    const folder = folderAt(path);
    const isKnown = folders.has(folder.key) || matchPath(folder.name, match);
    if (isKnown || pictures.length + tables.length === 0) {
      drafts.set(path, { id: path, from: path, caption, folder });
      return [];
    }
    const sentence =
      "It has neither a picture of the same name beside it nor a class's folder around it; if it is a table, name it .csv.";
    return [{ path, code: "no-match", sentence }];
  });
}

/** The class that a folder's own name says, else that of the folder around it, and so on. */
function matchPath(
  path: string,
  match: (name: string) => ClassMatch | undefined,
): ClassMatch | undefined {
  const found = path
    .split("/")
    .reverse()
    .flatMap((name) => match(name) ?? []);
  return found.find(({ exact }) => exact) ?? found[0];
}

function foldersOf(
  drafts: readonly Draft[],
  choices: Choices,
  match: (name: string) => ClassMatch | undefined,
): ReadonlyMap<string, Folder> {
  const groups = grouped(drafts, ({ folder }) => folder.key);
  return new Map(
    Array.from(groups, ([key, members]): [string, Folder] => {
      const [{ folder }] = members;
      const chosen = choices.folders.get(key);
      const found = folder.table ? match(folder.name) : matchPath(folder.name, match);
      const label = chosen === undefined && found?.exact ? found.label : chosen;
      const isOpen = label === undefined && found;
      return [
        key,
        {
          ...folder,
          ...(typeof label === "number" && { label }),
          ...(isOpen && { guess: found.label }),
          count: members.length,
        },
      ];
    }),
  );
}

type Labelled = { readonly draft: Draft; readonly label: number | undefined };

/** Of pictures that are the same when decoded, the first that has a class, else the first. */
function withoutTwins(all: readonly Labelled[], { classes }: IntakeTask) {
  const first = new Map<string, Labelled>();
  for (const one of all) {
    const { hash } = one.draft.picture ?? {};
    if (hash === undefined) continue;
    const known = first.get(hash);
    if (!known || (known.label === undefined && one.label !== undefined)) first.set(hash, one);
  }
  const samples: Sample[] = [];
  const twice: LeftOut[] = [];
  for (const one of all) {
    const { id, from, picture, caption } = one.draft;
    const twin = picture && first.get(picture.hash);
    if (twin && twin !== one) {
      const isOther = one.label !== undefined && one.label !== twin.label;
      const where = isOther ? `, which is of "${classes[twin.label ?? 0].name}"` : "";
      const sentence = `It is the same picture as ${twin.draft.id}${where}.`;
      twice.push({ path: id, code: "duplicate", sentence });
    } else
      samples.push({
        id,
        from,
        ...(picture && { picture: picture.pixels }),
        ...(picture?.features && { features: picture.features }),
        ...(caption && { caption }),
        ...(one.label !== undefined && { label: one.label }),
      });
  }
  return { samples, twice };
}
