import papa from "papaparse"; // CommonJS: Node sees no named exports
import type { TableRow } from "../intake";

/** A line of a table, or what is wrong with it; after a fault that `ends`, there is no more. */
export type TableRecord = TableRow | Fault;
export type Fault = { readonly line: number; readonly fault: string; readonly ends?: boolean };

const sampleLength = 2 ** 16;
/** Characters that one record may take before it ends. */
const longest = 2 ** 20;
const delimiters = [",", ";", "\t", "|"];

type Parsed = {
  readonly data: readonly (readonly string[])[];
  readonly errors: readonly { readonly message: string }[];
  readonly meta: { readonly cursor: number };
};

/** RFC 4180 with any usual delimiter; a field in quotes may hold line ends. Blank lines are no records. */
export async function* csvRecords(text: AsyncIterable<string>): AsyncGenerator<TableRecord> {
  let buffer = "";
  let line = 1;
  let delimiter: string | undefined;

  function* read(isLast: boolean): Generator<TableRecord> {
    const told = delimiter === undefined && toldDelimiter.exec(buffer);
    if (told) {
      delimiter = told[1];
      buffer = buffer.slice(told[0].length);
      line++;
    }
    delimiter ??= delimiterOf(buffer, isLast);
    const records: TableRecord[] = [];
    let used = 0;
    const parser = new papa.Parser({
      delimiter,
      newline: "\n",
      step(result) {
        const { data, errors, meta } = result as unknown as Parsed;
        const [cells] = data;
        if (errors.length > 0) records.push({ line, fault: quoteFault });
        else if (cells.some((cell) => cell.trim() !== "")) records.push({ line, cells });
        line += buffer.slice(used, meta.cursor).split("\n").length - 1;
        used = meta.cursor;
      },
    });
    parser.parse(buffer, 0, !isLast);
    buffer = buffer.slice(used);
    yield* records;
  }

  for await (const piece of text) {
    buffer += piece;
    if (buffer.length < sampleLength) continue;
    yield* read(false);
    if (buffer.length <= longest) continue;
    yield { line, fault: endless, ends: true };
    return;
  }
  if (buffer.length > 0) yield* read(true);
}

/** Excel's first line, where it writes one for itself. */
const toldDelimiter = /^sep=([,;\t|])\n/i;
const quoteFault = "a quotation mark is opened and not closed, or not doubled: correct it";
const endless = "it does not end within a million characters: close its quotation mark";

/** The one that cuts the most records into as many cells as the first. */
function delimiterOf(text: string, isWhole: boolean): string {
  const sample = text.slice(0, sampleLength);
  const scores = delimiters.map((delimiter) => {
    const parser = new papa.Parser({ delimiter, newline: "\n" });
    const { data } = parser.parse(sample, 0, !isWhole || sample.length < text.length) as Parsed;
    const [first, ...rest] = data.filter((cells) => cells.length > 1 || cells[0] !== "");
    if (!first || first.length < 2) return { delimiter, score: 0 };
    const even = rest.filter((cells) => cells.length === first.length).length;
    return { delimiter, score: 1 + even / Math.max(1, rest.length) + first.length / 1000 };
  });
  return scores.reduce((best, one) => (one.score > best.score ? one : best)).delimiter;
}

/** One JSON object a line: its fields by name, texts as they are, numbers and truth values as texts. */
export type JsonRecord = { readonly line: number; readonly fields: ReadonlyMap<string, string> };

export async function* jsonRecords(
  text: AsyncIterable<string>,
): AsyncGenerator<JsonRecord | Fault> {
  let line = 0;
  let rest = "";
  for await (const piece of text) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    for (const content of lines) {
      line++;
      if (content.trim() !== "") yield jsonRecord(line, content);
    }
    if (rest.length <= longest) continue;
    yield { line: line + 1, fault: "it does not end within a million characters", ends: true };
    return;
  }
  if (rest.trim() !== "") yield jsonRecord(line + 1, rest);
}

function jsonRecord(line: number, content: string): JsonRecord | Fault {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    return { line, fault: "it is not JSON: write one object a line" };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { line, fault: "it is no JSON object: write one object a line" };
  const fields = Object.entries(value).flatMap(([name, field]: [string, unknown]) =>
    ["string", "number", "boolean"].includes(typeof field) ? [[name, String(field)] as const] : [],
  );
  return { line, fields: new Map(fields) };
}
