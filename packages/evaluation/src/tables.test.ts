import { expect, it } from "vitest";
import { latexTable, latexText, markdownTable, markdownText } from "./tables";

const tricky = "a_b & 50% | x";

it("a Markdown table is as wide as its cells, and its texts are no Markdown", () => {
  const rows = [[markdownText(tricky), "1.0"]];
  expect(markdownTable(["Run", "Accuracy, %"], rows)).toBe(
    [
      "| Run              | Accuracy, % |",
      "| ---------------- | ----------: |",
      "| a\\_b \\& 50% \\| x |         1.0 |",
      "",
    ].join("\n"),
  );
  expect(markdownText("a\\|b\n| <b>`*~#[x](y)")).toBe(
    "a\\\\\\|b \\| \\<b\\>\\`\\*\\~\\#\\[x\\](y)",
  );
});

it("a LaTeX table prints its texts as they are", () => {
  expect(latexTable(["Run", "$n$"], [[latexText(tricky), "3"]])).toBe(
    [
      "\\begin{tabular}{lr}",
      "\\toprule",
      "Run & $n$ \\\\",
      "\\midrule",
      "a\\_b \\& 50\\% \\textbar{} x & 3 \\\\",
      "\\bottomrule",
      "\\end{tabular}",
      "",
    ].join("\n"),
  );
});

it.each([
  ["\\input{x}$#^~", "\\textbackslash{}input\\{x\\}\\$\\#\\textasciicircum{}\\textasciitilde{}"],
  ["−1.0 ± 0.2", "$-$1.0 $\\pm$ 0.2"],
  ["[2pt] first", "{[}2pt] first"],
  ["* first", "{*} first"],
  ["a---b, –", "a-{}-{}-b, --"],
  ["two\n\nlines", "two lines"],
])("%j is %j in LaTeX", (text, latex) => {
  expect(latexText(text)).toBe(latex);
});
