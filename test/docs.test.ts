import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { strategies, strategyNamed } from "@tandem/strategies/registry";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string) => readFileSync(join(root, path), "utf8");
const algorithm = read("docs/algorithm.md");
const headings = Array.from(algorithm.matchAll(/^## (A\d+)\. \S/gm), ([, id]) => id);

/** Citations of docs/algorithm.md in a file's text that lead nowhere, and ids without the document. */
function lost(text: string): string[] {
  const flat = text.replace(/\n\s*(\*|\/\/) ?/g, " "); // a comment may break the line anywhere
  const ids = /A\d{1,2}\b(?:(?:,| and| to) A\d{1,2}\b)*/;
  const cited = new RegExp(`docs/algorithm(\\S*?)(?:,? (${ids.source}))?(?![\\w.])`, "g");
  const broken = Array.from(flat.matchAll(cited)).flatMap(([citation, end, list = ""]) => {
    const missing = (list.match(/A\d+/g) ?? []).filter((id) => !headings.includes(id));
    return /^\.md\W*$/.test(end) && missing.length === 0 ? [] : [citation];
  });
  const bare = new RegExp(`(?:\\(|\\bsections? )${ids.source}(?=\\W)`, "g");
  return [...broken, ...Array.from(flat.matchAll(bare), ([citation]) => citation)];
}

it.each([
  ["a section that is not there", "/** As said (docs/algorithm.md A99). */"],
  ["one of several", "/** docs/algorithm.md A1, A99 */"],
  ["a document that is not there", "// docs/algorithms.md A1"],
  ["an id without the document", "/** What clients know (A4, A5). */"],
  ["a section of nothing", "/** algorithm section A7 */"],
  ["a citation over two lines", "/**\n * of docs/algorithm.md A1,\n * A99\n */"],
])("the check sees %s", (_, text) => {
  expect(lost(text)).toHaveLength(1);
});

it("the check lets pass what resolves", () => {
  expect(
    lost("/** (docs/algorithm.md A1, A2); docs/algorithm.md. A4 paper is 210 mm wide. */"),
  ).toEqual([]);
});

it("sections are numbered in order, each once", () => {
  expect(headings.length).toBeGreaterThan(10);
  expect(headings).toEqual(headings.map((_, i) => `A${i + 1}`));
});

it("every citation of docs/algorithm.md in code leads to one of its sections", () => {
  const files = ["packages", "apps", "e2e"].flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.tsx?$/.test(name) && !/(^|\/)(node_modules|\.next)\//.test(name))
      .map((name) => join(directory, name)),
  );
  const texts = files.map((path) => ({ path, text: read(path) }));
  expect(texts.filter(({ text }) => text.includes("docs/algorithm")).length).toBeGreaterThan(10);
  expect(
    texts.flatMap(({ path, text }) => lost(text).map((citation) => `${path}: ${citation}`)),
  ).toEqual([]);
});

it("a file of FedMMKT that a section names cites that section", () => {
  const sections = algorithm.split(/^## (?=A\d+\. )/m).slice(1);
  const silent = sections.flatMap((section) => {
    const [id] = section.split(".", 1);
    const named = section.matchAll(/`(packages\/strategies\/src\/fedmmkt\/[\w/-]+\.ts)`/g);
    return [...new Set(Array.from(named, ([, path]) => path))]
      .filter((path) => !/(config|fedmmkt)\.ts$/.test(path)) // of all sections
      .filter((path) => !new RegExp(`docs/algorithm\\.md[^.;]*\\b${id}\\b`).test(read(path)))
      .map((path) => `${id}: ${path}`);
  });
  expect(silent).toEqual([]);
});

const documents = [
  "README.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name)),
];

/** Files that a document links to, from the root. */
const linksOf = (path: string) =>
  Array.from(read(path).matchAll(/\]\(([^)#\s:]+)(?:#[^)\s]*)?\)/g), ([, link]) =>
    join(dirname(path), link),
  );

it("every link between the documents leads to a file", () => {
  const links = documents.flatMap((path) => linksOf(path).map((link) => ({ path, link })));
  expect(links.length).toBeGreaterThan(50);
  expect(links.filter(({ link }) => !existsSync(join(root, link)))).toEqual([]);
});

it("the page of claims leads to every page of results, and has no number that none of them has", () => {
  const claims = "docs/results/README.md";
  const behind = documents.filter((path) => /^docs\/results\/(?!README)/.test(path));
  expect(behind.length).toBeGreaterThan(10);
  const links = linksOf(claims);
  expect(behind.filter((path) => !links.includes(path))).toEqual([]);
  const numbersOf = (text: string) => text.match(/\d+\.\d+(?: ± \d+\.\d+)?/g) ?? [];
  const known = new Set(behind.flatMap((path) => numbersOf(read(path))));
  for (const number of [...known]) known.add(number.split(" ")[0]);
  expect(numbersOf(read(claims)).filter((number) => !known.has(number))).toEqual([]);
});

it("every file that the documents name is there", () => {
  const named = documents.flatMap((path) =>
    Array.from(
      read(path).matchAll(/`((?:packages|apps|e2e|test|docs|experiments|scripts)\/[^`\s*{}<>]+)`/g),
      ([, name]) => ({ path, name }),
    ),
  );
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter(({ name }) => !existsSync(join(root, name)))).toEqual([]);
});

/** Rows of the document's tables whose first cell is a name in backticks, by that name. */
const rowsOf = (heading: string): ReadonlyMap<string, readonly string[]> => {
  const [, section = ""] = algorithm.split(new RegExp(`^## ${heading}\\b.*$`, "m"));
  const [own] = section.split(/^## /m);
  const rows = Array.from(own.matchAll(/^\| `([\w-]+)` *\|(.*)\|$/gm), ([, name, rest]) => {
    return [name, rest.split("|").map((cell) => cell.trim())] as const;
  });
  return new Map(rows);
};

it("the table of settings has every setting of FedMMKT, with its default and FM-Cap's value", () => {
  const defaults = strategyNamed("fedmmkt").parse({});
  const { strategyConfig } = JSON.parse(read("experiments/fm-cap-strategies.json")).base;
  const expected = Object.entries(defaults).map(([name, value]) => {
    const other = strategyConfig[name] ?? value;
    return [name, String(value), other === value ? "" : String(other)];
  });
  const stated = Array.from(rowsOf("A13"), ([name, [, value, other]]) => [name, value, other]);
  const byName = (a: readonly string[], b: readonly string[]) => (a[0] < b[0] ? -1 : 1);
  expect(stated.sort(byName)).toEqual(expected.sort(byName));
});

it("the table of strategies has every one, with the papers that it names itself", () => {
  const rows = rowsOf("A15");
  expect([...rows.keys()].sort()).toEqual(strategies.map(({ name }) => name).sort());
  for (const { name, source } of strategies)
    for (const [id] of source.matchAll(/\d{4}\.\d{5}/g))
      expect(rows.get(name)?.join(), name).toContain(`https://arxiv.org/abs/${id}`);
});
