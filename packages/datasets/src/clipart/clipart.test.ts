import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildClipart, type ClipartIndex } from "./build";
import { captionAll, describeAll } from "./captions";
import { learnable, loadClipart } from "./clipart";
import { drawClipart, faultOfPixels, withoutNearDuplicates } from "./drawing";
import { readMetadata } from "./metadata";
import { plainWords } from "./words";

const publicDomain = "http://web.resource.org/cc/PublicDomain";
type Drawing = {
  readonly title: string;
  readonly body: string;
  readonly keywords?: readonly string[];
  readonly creator?: string;
  readonly licence?: string;
  readonly page?: string;
};

/** A file as the collection has them: Creative Commons metadata, then shapes. */
function svgOf({ title, body, keywords = [], creator = "Ann Other", ...rest }: Drawing): string {
  const { licence = publicDomain, page = 'width="595pt" height="842pt"' } = rest;
  return `<?xml version="1.0"?><svg ${page} xmlns="http://www.w3.org/2000/svg" xmlns:cc="http://web.resource.org/cc/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><metadata><rdf:RDF><cc:Work rdf:about=""><dc:title>${title}</dc:title><dc:subject><rdf:Bag>${keywords.map((word) => `<rdf:li>${word}</rdf:li>`).join("")}</rdf:Bag></dc:subject><dc:creator><cc:Agent><dc:title>${creator}</dc:title></cc:Agent></dc:creator><cc:license rdf:resource="${licence}"/></cc:Work></rdf:RDF></metadata>${body}</svg>`;
}

const circle = (fill: string, x = 100) => `<circle cx="${x}" cy="100" r="60" fill="${fill}"/>`;
const stripes = (fill: string) => `<path d="M10 10h90v40h-90zM10 120h90v40h-90z" fill="${fill}"/>`;

const collection: Readonly<Record<string, Drawing>> = {
  "animals/mammals/cat_ann_other_01.svg": {
    title: "Black cats 02 (B&amp;W)",
    keywords: ["mammal", "0x93a3a4c", "ann other"],
    body: circle("#222"),
  },
  "animals/mammals/cat_again.svg": { title: "Black cat", body: circle("#232323") },
  "animals/mammals/cat_red.svg": { title: "Red cat", body: circle("#c22", 900) },
  "animals/mammals/gatto_other_03.svg": { title: "Gatto", body: stripes("#27a") },
  "food/soup.svg": { title: "Soup", body: circle("#fdfdfd") },
  "food/copyleft.svg": {
    title: "Apple",
    licence: "http://creativecommons.org/licenses/GPL/2.0/",
    body: circle("#0a0"),
  },
  "food/pear.svg": { title: "Pear", body: `${circle("#0a0")}<text x="9" y="9">pear</text>` },
  "food/photo.svg": { title: "Plum", body: '<image width="9" height="9" href="data:,"/>' },
  "food/broken.svg": { title: "Cake", body: '<g transform="' },
  "computer/icons/x-theme/cat.svg": { title: "X theme", body: stripes("#a0a") },
  "unsorted/qwrt_01.svg": { title: "Qwrt", body: stripes("#0aa") },
};

async function write(folder: string, files: Readonly<Record<string, Drawing>>) {
  for (const [path, drawing] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), svgOf(drawing));
  }
}

describe("clip art", () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  const options = (name: string) => ({
    directory: at(name),
    source: at("svg"),
    manifestPath: at(`${name}.json`),
  });
  const indexOf = async (name: string): Promise<ClipartIndex> =>
    JSON.parse(await readFile(at(`${name}/index.json`), "utf8"));
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "clipart-"));
    await write(at("svg"), collection);
    await buildClipart(options("built"));
  }, 120_000);
  afterAll(() => rm(folder, { recursive: true }));

  it("keeps what shows something of its own and counts why the rest is left out", async () => {
    const { records, counts, leftOut } = await indexOf("built");
    expect(records.filter(({ split }) => !split)).toEqual([
      {
        path: "animals/mammals/cat_again.svg",
        noun: "cat",
        name: "black cat",
        keywords: ["mammal", "animal"],
      },
      {
        path: "animals/mammals/cat_red.svg",
        noun: "cat",
        name: "red cat",
        keywords: ["mammal", "animal"],
      },
      {
        path: "animals/mammals/gatto_other_03.svg",
        noun: "cat",
        name: "cat",
        keywords: ["mammal", "animal"],
      },
    ]);
    expect(counts).toMatchObject({ files: 11, openclipart: 3, "noto, public split": 210 });
    expect(leftOut).toEqual({
      "cannot be drawn": 1,
      "embedded bitmap": 1,
      empty: 1, // drawn in white on white
      "near duplicate": 1, // the other black cat
      "no noun": 1,
      "not public domain": 1,
      "part of a series": 1,
      text: 1,
    });
  });

  it("builds the same bytes again, and nothing while they are there", async () => {
    expect(await buildClipart(options("built"))).toBe(false);
    expect(await buildClipart({ ...options("again"), manifestPath: at("built.json") })).toBe(true);
    expect(await indexOf("again")).toEqual(await indexOf("built"));
    await write(at("svg"), { "food/apple.svg": { title: "Apple", body: circle("#d00") } });
    const changed = { ...options("changed"), manifestPath: at("built.json") };
    await expect(buildClipart(changed)).rejects.toThrow(/recordsSha256 of this build/);
    await rm(at("svg/food/apple.svg"));
  }, 120_000);

  it("shows a federation's teacher the public emoji only, unless asked for all", async () => {
    const load = async (noto?: "none" | "public" | "all") =>
      loadClipart({ directory: at("built"), minimum: 1, maximum: 1000, ...(noto && { noto }) });
    const { records } = await indexOf("built");
    const publicOnes = records.filter(({ split }) => split === "public").length;
    const [standard, none, all] = await Promise.all([load(), load("none"), load("all")]);
    expect(none.set.size).toBe(3);
    expect(standard.set.size).toBe(3 + publicOnes);
    expect(all.set.size).toBe(records.length);
    expect(standard.set.captions?.[0]).toBe("cat: black cat, mammal, animal");
    expect(standard.classes[standard.set.labels[0]]).toBe("cat");
    expect(none.wordCounts.get("cat")).toBe(3);
    expect(none.vocabulary.words).toEqual(["animal", "cat", "mammal"]); // those used twice
  });

  it("is refused when it is missing or has changed, with the way out", async () => {
    await expect(loadClipart({ directory: at("nothing") })).rejects.toThrow(
      /npm run data -- clipart/,
    );
    await expect(loadClipart({ directory: at("built"), size: 64 })).rejects.toThrow(/has changed/);
    const bytes = await readFile(at("again/pictures.rgb"));
    bytes[7] ^= 1;
    await writeFile(at("again/pictures.rgb"), bytes);
    await expect(loadClipart({ directory: at("again") })).rejects.toThrow(/has changed/);
  });

  it("finds the drawing wherever it lies, on the page or beyond it", async () => {
    const square = '<path d="M0 0h50v50h-50z" fill="#f00"/>';
    const draw = async (page: string, move: string) => {
      const svg = svgOf({
        title: "x",
        page,
        body: `<g transform="translate(${move})">${square}</g>`,
      });
      const [pixels] = await drawClipart(svg, [32]);
      if (typeof pixels === "string") throw new Error(pixels);
      return [...pixels.subarray((16 * 32 + 16) * 3, (16 * 32 + 16) * 3 + 3)];
    };
    for (const [page, move] of [
      ['width="100" height="100"', "0 0"],
      ['width="210mm" height="297mm"', "600 900"],
      ['viewBox="0 0 2000 2000"', "1900 30"],
      ['width="100" height="100"', "120 -60"],
    ])
      expect(await draw(page, move)).toEqual([255, 0, 0]);
  });

  it("tells pictures that show nothing, and near duplicates", () => {
    const filled = (value: number) => new Uint8Array(32 * 32 * 3).fill(value);
    expect(faultOfPixels(filled(255))).toBe("nearly white");
    expect(faultOfPixels(filled(10))).toBe("nearly black");
    expect(faultOfPixels(filled(128))).toBe("one colour");
    // Mean difference of 4 levels is near, of 40 is not (limit 7).
    expect(withoutNearDuplicates([filled(100), filled(104), filled(140)], 32)).toEqual([0, 2]);
  });

  it("cleans words and puts the noun of a title first", () => {
    expect(plainWords("Flying Birds_02 (clipart)")).toEqual(["flying", "bird"]);
    expect(plainWords("strawberries tomatoes cookies glasses")).toEqual([
      "strawberry",
      "tomato",
      "cookie",
      "glasses",
    ]);
    const lexicon = {
      nouns: new Set(["dog", "hot dog", "bird"]),
      words: new Set(["dog", "bird", "hot"]),
    };
    const caption = (path: string, drawing: Omit<Drawing, "body">) =>
      captionAll(describeAll([readMetadata(path, svgOf({ ...drawing, body: "" }))]), lexicon)[0];
    expect(caption("food/a.svg", { title: "Hot Dog" })?.noun).toBe("hot dog");
    expect(caption("a/b.svg", { title: "Bird with dog" })?.noun).toBe("bird");
    expect(caption("a/dog_ann_oth_01.svg", { title: "" })).toMatchObject({
      noun: "dog",
      name: "dog",
    });
    expect(caption("flags/b.svg", { title: "Isle of Dogs" })?.noun).toBe("flag");
  });

  it("leaves rare nouns out and draws from the common ones", () => {
    const record = (noun: string) => ({ path: noun, noun, name: noun, keywords: [] });
    const records = ["cat", "owl", "cat", "dog", "cat", "dog"].map(record);
    const chosen = learnable(records, { offered: () => true, minimum: 2, maximum: 2 });
    expect(chosen.classes).toEqual(["cat", "dog"]);
    expect([...chosen.rows].map((row) => records[row].noun).sort()).toEqual([
      "cat",
      "cat",
      "dog",
      "dog",
    ]);
  });
});

const debian = "/usr/share/openclipart/svg/animals";
describe("Debian's openclipart-svg", () => {
  it.skipIf(!existsSync(debian))(
    `captions its animals (skipped where ${debian} is missing: apt-get install openclipart-svg)`,
    async () => {
      const directory = await mkdtemp(join(tmpdir(), "openclipart-"));
      await buildClipart({
        directory,
        source: debian,
        manifestPath: join(directory, "manifest.json"),
      });
      const { set, classes } = await loadClipart({ directory, noto: "none", minimum: 3 });
      expect(classes).toEqual(expect.arrayContaining(["cat", "dog", "penguin", "butterfly"]));
      expect(set.size).toBeGreaterThan(80);
      await rm(directory, { recursive: true });
    },
    180_000,
  );
});
