import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { strategies } from "@tandem/strategies/registry";
import { expect, it } from "vitest";
import { numberDocs, pageDocs, settingDocs, strategyDocs } from "../apps/web/lib/docs/setting-docs";
import { contents } from "../apps/web/server/docs/contents";
import { createDocs } from "../apps/web/server/docs/docs";
import { documentCommands, faultOf } from "./document-commands";
import { cliManual, commandsByName, settingsManual } from "./manual";
import { restManual } from "./rest-manual";
import { root } from "./sources";

// `npm run manual` writes them anew.
it.each([
  ["cli", cliManual],
  ["settings", settingsManual],
  ["rest", restManual],
] as const)("docs/%s.md says what the program says", async (name, manual) => {
  await expect(manual()).toMatchFileSnapshot(join(root, `docs/${name}.md`));
});

it("each setting, and each number of a page, leads to a heading of the manual", async () => {
  const docs = createDocs({ basePath: "" });
  const led = [
    ...Object.values(settingDocs),
    ...Object.values(numberDocs),
    ...Object.values(pageDocs),
    ...strategies.map(({ name }) => strategyDocs(name)),
  ];
  expect(led.length).toBeGreaterThan(30);
  for (const target of new Set(led)) {
    const [slug, id] = target.split("#");
    const ids = (await docs.page(slug))?.headings.map(({ id }) => id) ?? [];
    expect(ids, slug).toContain(id);
  }
});

it("README.md can be read at one sitting", () => {
  expect(readFileSync(join(root, "README.md"), "utf8").split("\n").length).toBeLessThanOrEqual(201);
});

const left = /^commander\.(missing|optionMissing|help)/;

it("every command that the documents show is one that the program takes", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const scriptOf = (name: string) => name.replace(/^npm (run )?/, "");
  expect(documentCommands.length).toBeGreaterThan(80);
  const faults = documentCommands.flatMap(({ path, line, name, words, isWhole }) => {
    if (!Object.hasOwn(scripts, scriptOf(name))) return [`${path}: ${line}: no such script`];
    const command = commandsByName().get(name);
    if (!command) return [];
    const fault = faultOf(command, words);
    return fault && (isWhole || !left.test(fault)) ? [`${path}: ${line}: ${fault}`] : [];
  });
  expect(faults).toEqual([]);
});

it.each([
  ["an option that is not there", ["--experimant", "x", "http://a"], "commander.unknownOption"],
  ["a value that does not fit", ["http://a", "--clients", "many"], "commander.invalidArgument"],
  ["an argument that is missing", [], "commander.missingArgument"],
])("the check sees %s", (_, words, code) => {
  const fleet = commandsByName().get("npm run fleet");
  expect(fleet && faultOf(fleet, words)).toMatch(code);
});

it("every document below docs/ is a page of the manual, and no page is missing", () => {
  const files = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" });
  const documents = files.filter((name) => name.endsWith(".md")).map((name) => name.slice(0, -3));
  const listed = contents.flatMap(({ files }) => files);
  expect(documents.filter((name) => !listed.includes(name))).toEqual([]);
  expect(listed.filter((name) => !documents.includes(name))).toEqual([]);
});

it("links between pages lead to headings that are there", async () => {
  const docs = createDocs({ basePath: "" });
  const pages = (await docs.sections()).flatMap(({ pages }) => pages);
  const drawn = await Promise.all(pages.map(({ slug }) => docs.page(slug)));
  const idsOf = new Map(drawn.map((page) => [page?.slug, page?.headings.map(({ id }) => id)]));
  const links = drawn.flatMap((page) =>
    Array.from(page?.html.matchAll(/href="(?:\/docs\/([\w/-]+))?#([^"]+)"/g) ?? [], (found) => {
      const [, slug = page?.slug, id] = found;
      return { from: page?.slug, slug, id };
    }),
  );
  expect(links.length).toBeGreaterThan(100);
  expect(links.filter(({ slug, id }) => !idsOf.get(slug)?.includes(id))).toEqual([]);
});
