import papa from "papaparse";
import { expect, it } from "vitest";
import { armsOf } from "./arms";
import { figuresOf } from "./figures";
import { tableAs } from "./tables";
import { run } from "./testing/runs";

const tricky = "a_b & 50% | x";
const arms = armsOf(
  [
    run("one", [0.5], { name: `${tricky} 1`, seed: 1, alpha: 0.1 }),
    run("two", [0.75], { name: `${tricky} 2`, seed: 2, alpha: 0.1 }),
    run("base", [0.25], { name: '=1+1,\n"base"', seed: 1 }),
  ],
  false,
);
const figures = arms.map((arm) => figuresOf(arm, arms[1]));
const pinned = arms[1].name;

it("a CSV holds the numbers, and a name is a text in any program", () => {
  const csv = tableAs("csv", figures, pinned);
  const { data, errors } = papa.parse<Record<string, string>>(csv.trimEnd(), { header: true });
  expect(errors).toEqual([]);
  expect(data).toHaveLength(2);
  expect(data[0]).toMatchObject({
    run: tricky,
    ids: "one two",
    seeds: "1 2",
    n: "2",
    accuracy_mean: "0.625",
    image_mean: "0.625",
    difference_mean: "0.25",
    difference_pairs: "1",
    difference_low: "",
    bytes_total: "300",
    seconds: "10",
  });
  expect(Number(data[0].accuracy_low)).toBeCloseTo(0.625 - 12.7062 * 0.125, 4);
  expect(data[1].run).toBe('\'=1+1,\n"base"');
  expect(data[1].difference_mean).toBe("");
});

it("Markdown and LaTeX say the same, with tricky names as they are", () => {
  const markdown = tableAs("markdown", figures, pinned).split("\n");
  expect(markdown[0]).toMatch(/^\| Run +\| +n \| +Accuracy, % \| +Image, % \|/);
  expect(markdown[0]).toContain('Against =1+1, "base", points');
  expect(markdown[2]).toMatch(
    /^\| a\\_b \\& 50% \\\| x \| +2 \| +62\.5 ± 17\.7 \(−96\.3 to 221\.3\) \|/,
  );
  expect(markdown[2]).toMatch(/\| +\+25\.0 \|/);
  const latex = tableAs("latex", figures, pinned).split("\n");
  expect(latex[0]).toBe("\\begin{tabular}{lrrrrrrrrr}");
  expect(latex[4]).toMatch(
    /^a\\_b \\& 50\\% \\textbar\{\} x & 2 & 62\.5 \$\\pm\$ 17\.7 \(\$-\$96\.3 to 221\.3\) &/,
  );
  expect(latex[5].split(" & ")).toHaveLength(10);
});

it("n counts the seeds that are measured", () => {
  const runs = [run("one", [0.5], { seed: 1 }), run("two", [0.7], { seed: 2 })];
  const waiting = run("three", [], { seed: 3, rounds: 1 });
  const some = armsOf([...runs, waiting], false).map((arm) => figuresOf(arm, undefined));
  const csv = tableAs("csv", some, undefined);
  const { data } = papa.parse<Record<string, string>>(csv, { header: true });
  expect(data[0]).toMatchObject({ seeds: "1 2 3", n: "2", accuracy_mean: "0.6" });
  expect(tableAs("markdown", some, undefined)).toMatch(/\| +2 of 3 \| +60\.0/);
});

it("without a baseline there is no column for it", () => {
  const alone = arms.map((arm) => figuresOf(arm, undefined));
  expect(tableAs("markdown", alone, undefined)).not.toContain("Against");
  expect(tableAs("csv", alone, undefined)).not.toContain("baseline");
});
