import { TandemError } from "@tandem/core/errors";
import { linesOf } from "@tandem/diffusion/files/text-file";
import { isText } from "@tandem/protocol/text";
import papa from "papaparse"; // CommonJS: Node sees no named exports

/** A picture's line, in the words of the file; `line` is 1-based. */
export type MetadataEntry = {
  readonly line: number;
  readonly file: string;
  readonly caption: string;
};

type Row = { readonly line: number; readonly fields: Readonly<Record<string, unknown>> };

/**
 * Entries of a metadata.jsonl or metadata.csv, as Hugging Face's datasets have them: `file_name`, and
 * `text` or `caption`. Throws `bad-data` with the path and line of what is missing or malformed.
 */
export function parseMetadata(text: string, path: string): readonly MetadataEntry[] {
  const rows = path.endsWith(".csv") ? csvRows(text, path) : jsonRows(text, path);
  if (rows.length === 0) throw bad(path, 1, "is empty: write one line for each picture");
  return rows.map(({ line, fields }) => {
    const caption = fields.text ?? fields.caption;
    const read = (name: string, value: unknown): string => {
      if (typeof value !== "string" || value.trim() === "" || !isText(value))
        throw bad(path, line, `${name} is ${JSON.stringify(value) ?? "missing"}: give a text`);
      return value.trim();
    };
    return {
      line,
      file: read('"file_name"', fields.file_name),
      caption: read('"text" (or "caption")', caption),
    };
  });
}

const bad = (path: string, line: number, what: string) =>
  new TandemError("bad-data", `${path}, line ${line}: ${what}`);

function jsonRows(text: string, path: string): readonly Row[] {
  return linesOf(text).flatMap((content, i) => {
    if (content.trim() === "") return [];
    let fields: unknown;
    try {
      fields = JSON.parse(content);
    } catch {
      throw bad(path, i + 1, "is not JSON");
    }
    if (typeof fields !== "object" || fields === null || Array.isArray(fields))
      throw bad(path, i + 1, "is no JSON object");
    return [{ line: i + 1, fields: { ...fields } }];
  });
}

/** RFC 4180; a field in quotes may hold line ends. */
function csvRows(text: string, path: string): readonly Row[] {
  const content = linesOf(text).join("\n");
  const records: { readonly line: number; readonly cells: readonly string[] }[] = [];
  let [line, at] = [1, 0];
  papa.parse<string[]>(content, {
    delimiter: ",",
    newline: "\n",
    step({ data: cells, errors, meta }) {
      if (errors.length > 0) throw bad(path, line, errors[0].message);
      if (cells.some((cell) => cell.trim() !== "")) records.push({ line, cells });
      line += linesOf(content.slice(at, meta.cursor)).length - 1;
      at = meta.cursor;
    },
  });
  const [header, ...rows] = records;
  if (!header) return [];
  const names = header.cells.map((cell) => cell.trim());
  const columns = names.filter((name) => name !== "");
  if (!names.includes("file_name") || !(names.includes("text") || names.includes("caption")))
    throw bad(
      path,
      header.line,
      `columns are ${columns.join(", ")}: name them file_name and text (or caption), with commas`,
    );
  const double = columns.find((name, i) => columns.indexOf(name) !== i);
  if (double !== undefined) throw bad(path, header.line, `column ${double} is there twice`);
  return rows.map(({ line, cells }) => {
    // Spreadsheets write columns that were used once, in some rows and not in others.
    const spare = cells.findIndex((cell, i) => !names[i] && cell.trim() !== "");
    if (spare >= names.length || cells.length <= names.lastIndexOf(columns.at(-1) ?? ""))
      throw bad(path, line, `${cells.length} fields for ${names.length} columns`);
    if (spare >= 0)
      throw bad(
        path,
        line,
        `column ${spare + 1} holds "${cells[spare]}": name it in line ${header.line}`,
      );
    return {
      line,
      fields: Object.fromEntries(names.flatMap((name, i) => (name ? [[name, cells[i]]] : []))),
    };
  });
}
