import { isText } from "@tandem/protocol/text";
import type { ClassMatch } from "../class-names";
import type { SourceFile } from "../files/source-file";
import { endingOf } from "../files/source-file";
import type { LeftOut, Note, Table, TableRow } from "../intake";
import { limits } from "../limits";
import { guessRoles, isHeader } from "./columns";
import { type Encoding, encodingOf, notUtf8, textOf } from "./decode-text";
import { csvRecords, type Fault, jsonRecords } from "./records";

export type TableRead = {
  readonly table?: Table;
  readonly leftOut: readonly LeftOut[];
  readonly notes: readonly Note[];
};

type Match = (name: string) => ClassMatch | undefined;

export const isTable = (path: string): boolean => isCsv(path) || isJson(path);
const isCsv = (path: string) => ["csv", "tsv", "tab"].includes(endingOf(path));
const isJson = (path: string) => ["jsonl", "ndjson"].includes(endingOf(path));

export const latin1 =
  "It is not UTF-8, so it was read as Latin-1 (Windows-1252): check letters such as ä and é, or save it as UTF-8.";

/** Rows of a CSV or JSONL file of any encoding; what is no row is said line by line. */
export async function readTable(file: SourceFile, match: Match): Promise<TableRead> {
  const encoding = encodingOf(await startOf(file));
  try {
    return await readAs(file, encoding, match);
  } catch (error) {
    if (error !== notUtf8) throw error;
    const read = await readAs(file, "windows-1252", match);
    return { ...read, notes: [...read.notes, { path: file.path, sentence: latin1 }] };
  }
}

async function startOf(file: SourceFile): Promise<Uint8Array> {
  for await (const chunk of file.chunks()) return chunk;
  return new Uint8Array(0);
}

async function readAs(file: SourceFile, encoding: Encoding, match: Match): Promise<TableRead> {
  const { path } = file;
  const leftOut: LeftOut[] = [];
  const say = ({ line, fault }: Fault) =>
    leftOut.push({ path, line, code: "bad-line", sentence: `Line ${line}: ${fault}.` });
  const text = textOf(file, encoding);
  const read = isJson(path) ? await jsonTable(text, say) : await csvTable(text, say, match);
  if (read.rows.length === 0) {
    const sentence = "It has no row that can be read: write a line of names and a line a sample.";
    return { leftOut: [...leftOut, { path, code: "empty", sentence }], notes: [] };
  }
  if (read.isCut)
    leftOut.push({
      path,
      code: "too-many",
      sentence: `It has more than ${limits.rows} lines: those after them are left out.`,
    });
  const { columns, rows } = read;
  const guesses = guessRoles(columns, rows, match);
  return { table: { path, columns, rows, guesses }, leftOut, notes: [] };
}

type Read = {
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
  readonly isCut: boolean;
};

async function csvTable(
  text: AsyncIterable<string>,
  say: (fault: Fault) => void,
  match: Match,
): Promise<Read> {
  let columns: readonly string[] | undefined;
  const rows: TableRow[] = [];
  let count = 0;
  for await (const record of csvRecords(text)) {
    if (++count > limits.rows) return { columns: columns ?? [], rows, isCut: true };
    if ("fault" in record) say(record);
    else if (!columns) {
      const cells = withoutBlankEnd(record.cells, 0);
      if (!cells.every(isText)) {
        say({ line: record.line, fault: noText });
        break;
      }
      const hasHeader = isHeader(cells, match);
      columns = cells.map((cell, i) => (hasHeader && cell.trim()) || `column ${i + 1}`);
      if (columns.length > limits.columns) {
        say({ line: record.line, fault: `${columns.length} columns, at most ${limits.columns}` });
        break;
      }
      if (!hasHeader) add(rows, { line: record.line, cells }, say);
    } else {
      const cells = withoutBlankEnd(record.cells, columns.length);
      const fault = `${cells.length} cells where the first line has ${columns.length}: correct it, or put the cell with the comma in quotation marks`;
      if (cells.length === columns.length) add(rows, { line: record.line, cells }, say);
      else say({ line: record.line, fault });
    }
  }
  return { columns: columns ?? [], rows, isCut: false };
}

/** Spreadsheets end lines with cells that nobody has filled. */
function withoutBlankEnd(cells: readonly string[], least: number): readonly string[] {
  const last = cells.findLastIndex((cell) => cell.trim() !== "");
  return cells.slice(0, Math.max(least, last + 1));
}

async function jsonTable(text: AsyncIterable<string>, say: (fault: Fault) => void): Promise<Read> {
  const columns: string[] = [];
  const found: { readonly line: number; readonly fields: ReadonlyMap<string, string> }[] = [];
  let count = 0;
  let isCut = false;
  for await (const record of jsonRecords(text)) {
    isCut = ++count > limits.rows;
    if (isCut) break;
    if ("fault" in record) say(record);
    else {
      const names = Array.from(record.fields.keys()).filter((name) => !columns.includes(name));
      if (columns.length + names.length > limits.columns)
        say({ line: record.line, fault: `more than ${limits.columns} names of fields so far` });
      else {
        columns.push(...names);
        found.push(record);
      }
    }
  }
  const rows: TableRow[] = [];
  for (const { line, fields } of found)
    add(rows, { line, cells: columns.map((name) => fields.get(name) ?? "") }, say);
  return { columns, rows, isCut };
}

const noText = "it holds bytes that are no text: save the table as UTF-8";

function add(rows: TableRow[], row: TableRow, say: (fault: Fault) => void) {
  const long = row.cells.find((cell) => cell.length > limits.text);
  if (long !== undefined)
    say({ line: row.line, fault: `a cell of ${long.length} characters, at most ${limits.text}` });
  else if (!row.cells.every(isText)) say({ line: row.line, fault: noText });
  else rows.push(row);
}
