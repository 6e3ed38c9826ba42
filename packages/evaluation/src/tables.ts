/**
 * Markdown, with columns as wide as their longest cell, as the formatter has them; all but the first to
 * the right. Cells are Markdown already: see {@link markdownText}.
 */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = head.map((_, i) => Math.max(3, ...[head, ...rows].map((row) => row[i].length)));
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const padded = (cells: readonly string[]) =>
    line(cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))));
  const rule = widths.map((width, i) =>
    i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return `${[padded(head), line(rule), ...rows.map(padded)].join("\n")}\n`;
}

/** A text as a cell that shows it as it is, with none of its signs taken for Markdown or HTML. */
export const markdownText = (text: string): string =>
  inOneLine(text).replace(/[\\`*_~[\]<>&|#]/g, "\\$&");

/**
 * LaTeX with the rules of the package booktabs; all columns but the first to the right. Cells are LaTeX
 * already: see {@link latexText}.
 */
export function latexTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `${cells.join(" & ")} \\\\`;
  return `${[
    `\\begin{tabular}{l${"r".repeat(head.length - 1)}}`,
    "\\toprule",
    line(head),
    "\\midrule",
    ...rows.map(line),
    "\\bottomrule",
    "\\end{tabular}",
  ].join("\n")}\n`;
}

/** A text as LaTeX that prints it as it is; letters beyond ASCII need a compiler that reads UTF-8. */
export const latexText = (text: string): string =>
  inOneLine(text)
    .replace(/[\\{}&%$#_^~<>|"`\u2212±–\u2019]|-(?=-)/g, (sign) => latexSigns[sign])
    // Behind the end of a row these would be arguments of it.
    .replace(/^[[*]/, "{$&}");

const latexSigns: Readonly<Record<string, string>> = {
  "\\": "\\textbackslash{}",
  "{": "\\{",
  "}": "\\}",
  "&": "\\&",
  "%": "\\%",
  $: "\\$",
  "#": "\\#",
  _: "\\_",
  "^": "\\textasciicircum{}",
  "~": "\\textasciitilde{}",
  "<": "\\textless{}",
  ">": "\\textgreater{}",
  "|": "\\textbar{}",
  '"': "''",
  "`": "\\textasciigrave{}",
  "-": "-{}", // two would be a dash
  "\u2212": "$-$",
  "±": "$\\pm$",
  "–": "--",
  "\u2019": "'",
};

const inOneLine = (text: string) => text.replace(/\s+/g, " ").trim();
