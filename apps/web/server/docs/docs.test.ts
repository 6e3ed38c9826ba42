import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { DocHit } from "../../lib/docs/docs";
import { openServer } from "../testing/open-server";
import { createDocs, docsFolder } from "./docs";
import { partsOf, renderDocument } from "./markdown";
import { createIndex } from "./search";

const nowhere = { link: () => undefined, picture: () => "" };
const htmlOf = (markdown: string) => renderDocument(markdown, nowhere).html;
const docs = createDocs({ basePath: "/tandem" });
const page = async (slug: string) => (await docs.page(slug)) ?? expect.fail(`no page ${slug}`);

it("no HTML of a file gets through, and no address but of this site and the web", async () => {
  const html = htmlOf(
    '<script>alert(1)</script>\n\na <img src=x onerror="alert(1)"> b <!-- c -->\n',
  );
  expect(html).not.toMatch(/<(script|img)/);
  expect(html).toContain("&#60;script&#62;");
  const link = (href: string) => (/^https:/.test(href) ? href : undefined);
  const linked = renderDocument('[a](javascript:alert(1)) [b](https://b.example/?"<x>)', {
    ...nowhere,
    link,
  });
  expect(linked.html).toBe('<p>a <a href="https://b.example/?&#34;&#60;x&#62;">b</a></p>\n');
  for (const name of readdirSync(join(docsFolder, "images")).filter((name) =>
    /^diagram-/.test(name),
  ))
    expect(readFileSync(join(docsFolder, "images", name), "utf8")).not.toMatch(
      /<(script|foreignObject|style)|\son\w+=|href/i,
    );
});

it("maths is MathML, headings have GitHub's anchors, code can be copied and tables scrolled to", () => {
  const { html, headings } = renderDocument(
    "# T\n\n## A `b`, c\n\n## A b c\n\nAt $x_1$ for $5 or $ 6.\n\n$$\n\\frac{a}{b}\n$$\n\n```sh\nnpm start\n```\n\n| a |\n| - |\n| 1 |\n",
    nowhere,
  );
  expect(headings.map(({ id }) => id)).toEqual(["a-b-c", "a-b-c-1"]);
  expect(html.match(/<math/g)).toHaveLength(2);
  expect(html).toContain("for $5 or $ 6.");
  expect(html).toMatch(
    /<pre tabindex="0"[^>]*><code>npm start<\/code><\/pre><button[^>]*data-copy hidden/,
  );
  expect(html).toMatch(/<div class="wide" role="region"[^>]*tabindex="0"><table>/);
  expect(html).not.toContain("<h1");
  expect(() => htmlOf("$\\frac{$")).toThrow(/Expected|LaTeX|argument/i);
});

it("pages lead to one another below the base path, and to nothing that only the repository has", async () => {
  const { html, previous, next, section } = await page("deploy");
  expect(section).toBe("Run a server");
  expect([previous?.slug, next?.slug]).toEqual(["sdk", "security"]);
  expect(html).toContain('href="/tandem/docs/security"');
  expect(html).not.toMatch(/href="[^"]*(\.md|\.service|nginx\.conf)"/);
  expect((await page("concepts")).html).toMatch(
    /<span class="diagram"[^>]*><span role="img"[^>]*><svg/,
  );
  expect((await page("results/fm-cap-bytes")).html).toMatch(
    /<img src="\/tandem\/api\/docs\/results\/images\/[\w-]+\.svg"[^>]* width="\d+" height="\d+"/,
  );
  expect(await docs.page("../package.json")).toBeUndefined();
  expect((await page("algorithm")).html.match(/<math/g)?.length).toBeGreaterThan(30);
});

it("a search finds every word, or what begins so, the heading before the text", () => {
  const parts = partsOf(
    "# Page\n\nAbout quorums.\n\n## Deadline\n\nA *round* ends.\n\n## Other\n\nThe deadline of missingClients, `round` and more.\n",
  );
  const search = createIndex(parts.map((part) => ({ ...part, slug: "p", page: "Page" })));
  expect(search("deadl").map(({ path }) => path)).toEqual(["/docs/p#deadline", "/docs/p#other"]);
  expect(search("deadline clients").map(({ heading }) => heading)).toEqual(["Other"]);
  expect(search("quorum")).toMatchObject([{ path: "/docs/p", page: "Page" }]);
  const [{ excerpt }] = search("ROUND");
  expect(excerpt.filter(({ isHit }) => isHit)).toEqual([{ text: "round", isHit: true }]);
  for (const nothing of ["", "  ", "*", "zebra", "round zebra"])
    expect(search(nothing)).toEqual([]);
});

it("a question leads to its page, though no part has all of its words", async () => {
  const parts = partsOf("# Page\n\n## Bring pictures\n\nOwn ones.\n\n## Other\n\nPictures.\n");
  const search = createIndex(parts.map((part) => ({ ...part, slug: "p", page: "Page" })));
  const questions = ["How do I bring my own pictures?", "bring own pictures of zebras"];
  for (const question of questions)
    expect(search(question).map(({ path }) => path)).toEqual(["/docs/p#bring-pictures"]);
  expect(search(questions[0])[0].lacks).toBeUndefined();
  expect(search(questions[1])[0].lacks).toEqual(["zebras"]);
  expect(search("what is the")).toEqual([]);
  const first = async (question: string) => (await docs.search(question))[0]?.path.split("#")[0];
  expect(await first("How do I bring my own pictures?")).toBe("/docs/join");
  expect(await first("What leaves a participant's browser?")).toBe("/docs/join");
  expect(await first("How do I add a strategy?")).toBe("/docs/strategy");
});

it("a server lets anybody search the manual and see its pictures, and no other file", async () => {
  const { url } = await openServer();
  const get = (path: string) => fetch(`${url}/api/docs/${path}`);
  const hits = (await (await get("search?q=quorum")).json()) as DocHit[];
  expect(hits.length).toBeGreaterThan(1);
  expect(hits.every(({ path }) => path.startsWith("/docs/"))).toBe(true);
  expect(await (await get(`search?q=${"x".repeat(5000)}`)).json()).toEqual([]);
  const picture = await get("images/leak.svg");
  expect([picture.status, picture.headers.get("content-type")]).toEqual([200, "image/svg+xml"]);
  for (const path of [
    "images/none.svg",
    "images/..%2f..%2fpackage.json",
    "images/leak.svg.png",
    "security.md",
  ])
    expect((await get(path)).status, path).toBe(404);
});
