import type { Task } from "@tandem/core/task";

/** What of a task decides how files are read. */
export type IntakeTask = Pick<Task, "classes" | "modalities" | "pictures" | "backbone">;

/** What the task's backbone makes of a picture (size, size, 3). */
export type PictureFeatures = {
  readonly size: number;
  readonly of: (pixels: Uint8Array, signal?: AbortSignal) => Promise<Float32Array>;
};

/** Why a file, or a line of one, is no sample. Branch on the code; people read the sentence. */
export type LeftOutCode =
  | "bad-line"
  | "bad-path"
  | "corrupt"
  | "duplicate"
  | "empty"
  | "encrypted"
  | "kind"
  | "nested-zip"
  | "no-column"
  | "no-match"
  | "not-asked"
  | "second-row"
  | "too-large"
  | "too-many"
  | "too-small"
  | "truncated"
  | "undecodable"
  | "unknown-class";

export type LeftOut = {
  readonly path: string;
  /** 1-based, of a table. */
  readonly line?: number;
  readonly code: LeftOutCode;
  /** What is wrong, and what to do about it. */
  readonly sentence: string;
};

/** What was done to a file that is used all the same. */
export type Note = { readonly path: string; readonly sentence: string };

/** A picture as read; `pixels` are (size, size, 3), `hash` is of them. */
export type Picture = {
  readonly path: string;
  readonly pixels: Uint8Array;
  readonly hash: string;
  /** Of the picture at the backbone's size, not of `pixels`; absent: nobody has made them. */
  readonly features?: Float32Array;
};
export type TextFile = { readonly path: string; readonly text: string };

export const columnRoles = ["file", "label", "text"] as const;
export type ColumnRole = (typeof columnRoles)[number];
/** Which column, from 0, names the picture's file, its class and its text. */
export type Roles = { readonly [role in ColumnRole]?: number };

export type TableRow = { readonly line: number; readonly cells: readonly string[] };
export type Table = {
  readonly path: string;
  /** Names of the columns; "column 1" and so on where the table has no header. */
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
  readonly guesses: Roles;
};

/** What people have decided about what was read. */
export type Choices = {
  /** By the key of a folder; null: its samples are left out. */
  readonly folders: ReadonlyMap<string, number | null>;
  /** By the path of a table. */
  readonly roles: ReadonlyMap<string, Roles>;
  /** By the id of a sample. */
  readonly labels: ReadonlyMap<string, number>;
  /** Ids of samples. */
  readonly removed: ReadonlySet<string>;
};

/** What the files hold, before anything is decided. */
export type Reading = {
  readonly task: IntakeTask;
  readonly pictures: readonly Picture[];
  readonly texts: readonly TextFile[];
  readonly tables: readonly Table[];
  readonly leftOut: readonly LeftOut[];
  readonly notes: readonly Note[];
  /** Files that systems make for themselves, such as .DS_Store. */
  readonly hidden: number;
};

export type Sample = {
  /** Unique, and the same after each change. */
  readonly id: string;
  readonly from: string;
  /** (size, size, 3), as the task says; it serves as thumbnail too. */
  readonly picture?: Uint8Array;
  readonly features?: Float32Array;
  readonly caption?: string;
  /** Absent until somebody says which class it is. */
  readonly label?: number;
};

/** Samples that lie in one folder, or have one word in a table's column of classes. */
export type Folder = {
  readonly key: string;
  /** Path of the folder, or the word. */
  readonly name: string;
  /** Path of the table that has the word. */
  readonly table?: string;
  /** Class that its samples have: the name is one of a class, or somebody has said so. */
  readonly label?: number;
  /** Class that it may be, to be confirmed by `assignFolder`. */
  readonly guess?: number;
  /** Samples. */
  readonly count: number;
};

/** Everything that a page shows of what was read. `arrange` makes it; changes make a new one. */
export type Intake = {
  readonly reading: Reading;
  readonly choices: Choices;
  readonly samples: readonly Sample[];
  readonly leftOut: readonly LeftOut[];
  readonly folders: readonly Folder[];
  readonly notes: readonly Note[];
};

export type Progress = {
  readonly files: number;
  readonly filesDone: number;
  readonly bytes: number;
  readonly bytesDone: number;
  /** Files with something to use, and without. */
  readonly taken: number;
  readonly leftOut: number;
  /** Absent while too little is known. */
  readonly remainingMs?: number;
};
