import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseExperiment } from "@tandem/simulation/experiment-file/file";
import { hashOf, planRuns, type Run } from "@tandem/simulation/experiment-file/plan";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { appendRecord, type RunRecord } from "../experiments/record";
import { replaceBlocks } from "./blocks";
import { report } from "./command";
import { reportPage } from "./page";
import { plot } from "./plot";
import {
  accuracy,
  accuracyOf,
  bytesToTarget,
  clientDifferences,
  collectResults,
  differenceTo,
  lateAccuracy,
} from "./results";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tandem-report-"));
});
afterAll(() => rm(folder, { recursive: true }));

const text = JSON.stringify({
  name: "small",
  description: "Two runs & two seeds.",
  base: { dataset: "emoji-style", rounds: 2, clients: 2 },
  runs: [
    { name: "local", strategy: "local" },
    { name: "prompts", strategy: "synthetic-only" },
    { name: "later", strategy: "fedavg" },
  ],
  seeds: [1, 2],
  baseline: "local",
});
const [local, prompts] = planRuns("small.json", parseExperiment("small.json", text));

/** Two clients, an image's and a text's; `accuracy` by round and slot. */
function record(
  { name, config }: Run,
  seed: number,
  accuracy: readonly (readonly [number, number])[],
  teacher: readonly [base: number, after: number] | [] = [],
): RunRecord {
  const client = { architecture: "x", source: "noto", samples: 9, bytesUp: 900, bytesDown: 900 };
  const [base, after] = teacher;
  return {
    experiment: "small",
    run: name,
    seed,
    hash: hashOf(config),
    config,
    clients: [
      { ...client, modality: "image" },
      { ...client, modality: "text" },
    ],
    rounds: accuracy.map(([image, words], i) => ({
      round: i + 1,
      cohort: 2,
      uploads: 2,
      refused: 0,
      bytesUp: 100 * seed,
      bytesDown: 3000,
      metrics: {
        "accuracy/mean": (image + words) / 2,
        "accuracy/std": Math.abs(image - words) / 2,
        "accuracy/image": image,
        "accuracy/text": words,
        ...(base !== undefined && i === 0 && { "teacher/basePromptAccuracy": base }),
        ...(after !== undefined && { "teacher/promptAccuracy": after, "teacher/recall": 0.5 }),
      },
      accuracy: [image, words],
      phaseMs: { generating: 500, collecting: 2000, teaching: 500 },
    })),
    commit: { hash: "0123456789ab", dirty: seed === 2 },
    command: `npm run simulate -- experiments/small.json --seeds ${seed}`,
    threads: 1,
    machine: { processor: "P", cores: 2, node: "v20.0.0", at: `2026-01-0${seed}T00:00:00.000Z` },
  };
}

const records = [
  record(local, 1, [[0.9, 0.9]]), // superseded below
  // Last means 0.4 and 0.5: 0.45 ± 0.0707, half width 12.7062 x 0.0707 / sqrt(2) = 0.6353.
  record(local, 1, [
    [0.3, 0.3],
    [0.5, 0.3],
  ]),
  record(local, 2, [
    [0.4, 0.4],
    [0.6, 0.4],
  ]),
  // Against local 0.2 and -0.08; by client -0.01, 0.41, -0.1 and -0.06.
  record(
    prompts,
    2,
    [
      [0.2, 0.2],
      [0.5, 0.34],
    ],
    [0.4, 0.6],
  ),
  record(
    prompts,
    1,
    [
      [0.5, 0.4],
      [0.49, 0.71],
    ],
    [0.3, 0.5],
  ),
  record({ ...prompts, config: { ...prompts.config, alpha: 9 } }, 3, [[1, 1]]), // configured otherwise
];

async function write(name: string, lines: readonly RunRecord[]) {
  const folders = {
    results: join(folder, name, "results"),
    experiments: join(folder, name, "experiments"),
    out: join(folder, name, "docs/results"),
  };
  await mkdir(folders.experiments, { recursive: true });
  await writeFile(join(folders.experiments, "small.json"), text);
  for (const line of lines) await appendRecord(join(folders.results, "small.jsonl"), line);
  return folders;
}

it("the page has the numbers, what they mean and how to get them", async () => {
  const folders = await write("golden", records);
  await report(folders);
  const page = await readFile(join(folders.out, "small.md"), "utf8");
  await expect(page).toMatchFileSnapshot("fixtures/report-golden.md");
  const cells = (run: string) =>
    page
      .split("\n")
      .filter((line) => line.startsWith(`| ${run} `))
      .map((line) => line.slice(1, -1).split("|").slice(1))
      .map((row) => row.map((cell) => cell.trim()));
  expect(cells("local")[0].slice(0, 2)).toEqual(["2", "45.0 ± 7.1 (−18.5 to 108.5)"]);
  const [clients, spread, teacher, traffic] = cells("prompts");
  // 0.06 ± 0.198, half width 12.7062 x 0.198 / sqrt(2) = 1.7789.
  expect(clients.at(-1)).toBe("+6.0 ± 19.8 (−171.9 to +183.9)");
  expect(spread.at(-1)).toBe("2 of 4");
  expect(cells("local")).toHaveLength(3); // it teaches no teacher
  expect(teacher).toEqual(["35.0 ± 7.1 → 55.0 ± 7.1", "–", "–", "– → 50.0 ± 0.0", "–"]);
  expect(traffic.slice(0, 6)).toEqual([
    "75 B ± 35 B", // 100 and 200 bytes of two clients: 50 and 100
    "1.50 kB ± 0 B",
    "100 B",
    "3.00 kB",
    "3.10 kB",
    "1 of 2", // seed 1: 0.45 of 0.43 in its first round; seed 2: 0.42 of 0.53 never
  ]);
  expect(page).toMatch(/Left out: 1 result /);
  expect(page).toMatch(/Not run yet: later\./);
});

it("the same records give the same bytes, in any order, and text between blocks stays", async () => {
  const folders = await write("twice", [...records.slice(0, 2), ...records.slice(2).reverse()]);
  const { written, left } = await report(folders);
  expect(left).toEqual([]);
  const read = () => Promise.all(written.map((path) => readFile(path, "utf8")));
  const first = await read();
  expect(first.at(-1)).toBe(await readFile(join(folder, "golden/docs/results/small.md"), "utf8"));
  const page = `# Mine\n\nBefore.\n${first.at(-1)?.slice("# small\n".length)}\nAfter.\n`;
  await writeFile(join(folders.out, "small.md"), page);
  await report(folders);
  expect(await read()).toEqual([...first.slice(0, -1), page]);
});

it("a page of an experiment without records is told and left as it is, one without a block is nobody's", async () => {
  const folders = await write("left", records.slice(0, 2));
  const old = "# old\n\n<!-- generated: old -->\nnumbers\n<!-- /generated: old -->\n";
  await mkdir(folders.out, { recursive: true });
  await writeFile(join(folders.out, "old.md"), old);
  await writeFile(join(folders.out, "README.md"), "# Results\n");
  const { written, left } = await report(folders);
  expect(left).toEqual([join(folders.out, "old.md")]);
  expect(written.at(-1)).toBe(join(folders.out, "small.md"));
  expect(await readFile(join(folders.out, "old.md"), "utf8")).toBe(old);
  expect(await readFile(join(folders.out, "README.md"), "utf8")).toBe("# Results\n");
});

it("numbers of an attacked run are of its honest clients, beside the same ones of the baseline", () => {
  const attack = { kind: "label-flip", share: 0.5 } as const;
  const lied = { name: "lied", config: { ...local.config, attack } };
  const lies: RunRecord = {
    ...record(lied, 1, [
      [0.2, 0.9],
      [0.4, 0.1],
    ]),
    attackers: [1],
  };
  expect(accuracy(lies)).toBe(0.4);
  expect(accuracyOf("text")(lies)).toBeUndefined();
  expect(lateAccuracy(lies)).toBeCloseTo(0.3);
  const baseline = { run: local, bySeed: new Map([[1, record(local, 1, [[0.5, 0.3]])]]) };
  const own = { run: lied, bySeed: new Map([[1, lies]]) };
  expect(differenceTo(baseline, own)?.mean).toBeCloseTo(0.4 - 0.5);
  expect(differenceTo(own, baseline)?.mean).toBeCloseTo(0.5 - 0.4);
  expect(clientDifferences(baseline, own)).toMatchObject({ pairs: 1, worse: 1 });
  // The image's client is at 0.4 in its second round; the mean of both was 0.55 in the first.
  const { reached } = bytesToTarget(baseline, own, { targetGain: -0.1 });
  expect(reached.get(1)).toMatchObject({ up: 200, down: 6000 });
  const file = parseExperiment("small.json", text);
  const page = reportPage({ file, results: [baseline, own], stale: 0, images: [] });
  expect(page).toMatch(
    /Attacked, .*: lied \(label-flip, 50\.0 %\)\. .* of the honest clients alone/,
  );
});

it("parts of the test set, retrieval and shares of the teacher's pictures are told of the runs that have them", () => {
  const told = record(prompts, 1, [[0.5, 0.4]]);
  Object.assign(told.rounds[0].metrics, {
    "accuracy/part/noto": 0.25,
    "retrieval/text-to-image/r1": 0.125,
    "retrieval/rsum": 321.5,
  });
  Object.assign(told.rounds[0].metrics, {
    "teacher/basePart/noto": 0.75,
    "teacher/part/noto": 0.5,
    "teacher/realPart/noto": 0.875,
  });
  const results = [
    { run: local, bySeed: new Map([[1, record(local, 1, [[0.5, 0.3]])]]) },
    { run: prompts, bySeed: new Map([[1, told]]) },
  ];
  const file = parseExperiment("small.json", text);
  const page = reportPage({ file, results, stale: 0, images: [] });
  const rowsBelow = (title: RegExp) => page.split(title)[1].split("**")[0];
  expect(rowsBelow(/by part of the test set.*/)).toMatch(
    /\| Run +\| noto \|.*\| prompts \| 25\.0 \|/s,
  );
  expect(rowsBelow(/by part of the test set.*/)).not.toMatch(/local/);
  expect(rowsBelow(/share of its pictures.*/)).toMatch(
    /\| Run +\| +noto \|.*\| prompts \| 75\.0 → 50\.0 \(87\.5\) \|/s,
  );
  expect(rowsBelow(/retrieval in the test set.*/)).toMatch(/\| prompts \| +12\.5 \|.* 321\.5 \|/);
});

it("bytes to the accuracy of a named run are also in per cent of what that one sends", () => {
  const ends = (run: Run, accuracy: number) => ({
    run,
    bySeed: new Map([
      [
        1,
        record(run, 1, [
          [accuracy, accuracy],
          [0.6, 0.6],
        ]),
      ],
    ]),
  });
  const named = { ...JSON.parse(text), targetRun: "prompts", targetGain: 0 };
  const file = parseExperiment("small.json", JSON.stringify(named));
  const page = reportPage({
    file,
    results: [ends(local, 0.7), ends(prompts, 0.5)],
    stale: 0,
    images: [],
  });
  expect(page).toMatch(
    /\| local .*\| +100 B, 50\.0 % \| +3\.00 kB, 50\.0 % \| +3\.10 kB, 50\.0 % \| +1 of 1 \|/,
  );
  expect(page).toMatch(/\| prompts .*\| +200 B, 100\.0 % \|/);
  expect(page).toMatch(/Target: prompts's last accuracy in the same seed; bytes/);
  const wrong = JSON.stringify({ ...named, targetRun: "nobody" });
  expect(() => parseExperiment("small.json", wrong)).toThrow(/targetRun: no run is named "nobody"/);
});

it("runs that nobody can repeat are told", () => {
  const [run] = planRuns("small.json", parseExperiment("small.json", retiredText));
  const results = [{ run, bySeed: new Map([[1, record(run, 1, [[0.5, 0.3]])]]) }];
  const file = parseExperiment("small.json", retiredText);
  const page = reportPage({ file, results, stale: 0, images: [] });
  expect(page).toMatch(/\nKept as history, .*: old \(abTest\); a commit .*\.\n/);
});
const retiredText = JSON.stringify({
  ...JSON.parse(text),
  runs: [{ name: "old", strategy: "fedmmkt", strategyConfig: { abTest: true } }],
  baseline: "old",
});

it("what is missing is told where something is", () => {
  const results = (config: object) => {
    const run = { ...local, config: { ...local.config, ...config } };
    return { run, bySeed: new Map([[1, record(run, 1, [[0.5, 0.3]])]]) };
  };
  const file = parseExperiment("small.json", text);
  const page = (...all: object[]) =>
    reportPage({ file, results: all.map(results), stale: 0, images: [] });
  expect(page({}, { missingClients: 0.5, task: "both" })).toMatch(
    /Rounds: 2\. Clients with one modality missing: 0 \/ 0\.5\. Task of pairs: classification \/ both\.\n/,
  );
  expect(page({})).toMatch(/Rounds: 2\.\n/);
});

it("a run of another file stands in where its configuration is the same, and a newer one of its own wins", () => {
  const own = record(local, 1, [[0.5, 0.5]]);
  const others = [1, 2].map((seed) => ({
    ...record({ ...local, name: "elsewhere" }, seed, [[0.1, 0.1]]),
    experiment: "other",
  }));
  const changed = { ...others[1], config: { ...local.config, rounds: 9 }, seed: 3 };
  const [{ bySeed }, empty] = collectResults([local, prompts], [own], [...others, changed]).results;
  expect([...bySeed]).toEqual([
    [1, own],
    [2, others[1]],
  ]);
  expect(empty.bySeed.size).toBe(0);
});

it("blocks are replaced in place, and half a pair of markers is refused", () => {
  const page = "a\n<!-- generated: x -->\nold\n<!-- /generated: x -->\nb\n";
  const blocks = new Map([["x", "new $& text\n"]]);
  expect(replaceBlocks(page, blocks)).toBe(page.replace("old", () => "new $& text"));
  expect(replaceBlocks("a\n", blocks)).toBe(
    "a\n\n## x\n\n<!-- generated: x -->\nnew $& text\n<!-- /generated: x -->\n",
  );
  const broken = [
    page.replace("/generated", "generated"),
    page.replace(/<!-- \/.*/, ""),
    `<!-- /generated: x -->\n${page}`,
  ];
  for (const text of broken)
    expect(() => replaceBlocks(text, blocks)).toThrow(/markers of x must be there once/);
});

it("plots are well-formed, tell themselves to screen readers, and keep to their frame", async () => {
  const svg = plot({
    title: 'a <b> & "c"',
    axis: "accuracy, %",
    lines: [
      {
        name: "one & two",
        isBaseline: true,
        points: [0.25, 0.5].map((mean) => ({ count: 2, mean, std: 0.1, interval: undefined })),
      },
      { name: "gap", isBaseline: false, points: [undefined, undefined, describe(0.75)] },
    ],
  });
  // librsvg refuses what is not well-formed.
  expect(await sharp(Buffer.from(svg)).metadata()).toMatchObject({ height: 340, format: "svg" });
  expect(svg).toMatch(/<title id="title">a &#60;b&#62; &#38; &#34;c&#34;<\/title>/);
  expect(svg).toMatch(/<desc .*gap 75\.0 %; one &#38; two 50\.0 ± 10\.0 %/);
  expect(svg).toMatch(/prefers-color-scheme:dark/);
  // Ticks 10 to 80 % span 34 to 296; 0.5 lies at 296 - 262 x 4 / 7 = 146.3, round 2 of 3 in the middle.
  expect(svg).toContain('cx="306.0" cy="146.3"');
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});
const describe = (mean: number) => ({ count: 1, mean, std: undefined, interval: undefined });

it("without records it says how to make some", async () => {
  const nowhere = join(folder, "nowhere");
  const folders = { results: nowhere, experiments: nowhere, out: join(nowhere, "pages") };
  await expect(report(folders)).rejects.toThrow(/holds no records: run npm run simulate/);
});
