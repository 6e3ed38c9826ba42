import { mkdtemp, rm } from "node:fs/promises";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { chromiumFlags, chromiumPath } from "../fleet/chromium";
import { type Machine, machineLine, thisMachine } from "../harness/machine";
import { createApi } from "../harness/rest-client";
import { freePort, root, startServer } from "../harness/server-process";
import { table } from "./table";
import { median } from "./take-turns";

const categories = ["performance", "accessibility", "best-practices", "seo"] as const;

export type LighthouseJob = {
  readonly runs: number;
  /** How many times as slow as this machine the phone's processor is. */
  readonly slowdown: number;
  /** On its desktop, which is as fast as this machine, in place of its phone. */
  readonly desktop?: boolean;
  /** Words of the names of pages; absent: all. */
  readonly only?: readonly string[];
};

/** Scores of 0 to 100 by category, and the audits that are not passed. */
type Audited = {
  readonly scores: Readonly<Record<(typeof categories)[number], number>>;
  readonly failed: readonly string[];
  /** Length of the machine's queue when it began. */
  readonly load: number;
  /** Lighthouse's measure of the processor: phones have some hundreds, a desktop 1500 and more. */
  readonly index: number;
};

export type LighthouseReport = {
  readonly machine: Machine;
  readonly pages: readonly { readonly name: string; readonly runs: readonly Audited[] }[];
};

/** Lighthouse's phone or desktop, with simulated throttling, on the pages of a server with a study. */
export async function benchLighthouse(
  { runs, slowdown, desktop = false, only }: LighthouseJob,
  note: (text: string) => void,
): Promise<LighthouseReport> {
  const directory = await mkdtemp(join(tmpdir(), "tandem-lighthouse-"));
  const server = await startServer({ port: await freePort(), directory });
  const port = await freePort();
  const browser = await chromium.launch({
    executablePath: chromiumPath(root),
    args: [...chromiumFlags, `--remote-debugging-port=${port}`],
  });
  try {
    const pages = [];
    const all = Object.entries(await studyOn(server.url));
    const chosen = all.filter(([name]) => !only || only.some((word) => name.includes(word)));
    if (chosen.length === 0)
      throw new Error(`no page is called so: use words of ${all.map(([name]) => name).join(", ")}`);
    for (const [name, path] of chosen) {
      const audited: Audited[] = [];
      for (let run = 1; run <= runs; run++) {
        note(`${name}, ${run} of ${runs}`);
        audited.push(await audit(server.url + path, { port, slowdown, desktop }));
      }
      pages.push({ name, runs: audited });
    }
    return { machine: thisMachine(), pages };
  } finally {
    await browser.close();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Paths of pages, by name. */
async function studyOn(url: string): Promise<Readonly<Record<string, string>>> {
  const api = createApi(url);
  const task = await api.createTask({
    name: "Fruit",
    classes: [{ name: "apple" }, { name: "pear" }],
    modalities: ["image", "text"],
  });
  const own = await api.create({ name: "Fruit together", strategy: "fd", dataset: task.id });
  const running = await api.create({ name: "Fruit at work", strategy: "fd", dataset: task.id });
  await api.start(running.id);
  const dealt = await api.create({ name: "Emoji", strategy: "fd", dataset: "emoji-style" });
  return {
    "join, own data": `/join/${own.id}`,
    "join, dealt data": `/join/${dealt.id}`,
    experiments: "/",
    experiment: `/experiments/${own.id}`,
    "running experiment": `/experiments/${running.id}`,
    "new experiment": "/experiments/new",
    compare: `/compare?runs=${running.id},${dealt.id}`,
    tasks: "/tasks",
    task: `/tasks/${task.id}`,
    "new task": "/tasks/new",
    documentation: "/docs",
    "page of it": "/docs/quick-start",
    account: "/account",
    accounts: "/accounts",
    audit: "/audit",
    "sign in": "/sign-in",
  };
}

async function audit(
  url: string,
  {
    port,
    slowdown,
    desktop,
  }: { readonly port: number } & Required<Omit<LighthouseJob, "runs" | "only">>,
): Promise<Audited> {
  const { default: lighthouse, desktopConfig } = await import("lighthouse");
  const [load] = loadavg();
  const flags = { port, logLevel: "error" as const, onlyCategories: [...categories] };
  const look = () =>
    desktop
      ? lighthouse(url, flags, desktopConfig)
      : lighthouse(url, { ...flags, throttling: { cpuSlowdownMultiplier: slowdown } });
  const first = await look();
  // It has recorded nothing of the page, and asks to be run again.
  const result = first?.lhr.runtimeError?.code === "NO_NAVSTART" ? await look() : first;
  if (!result || result.lhr.runtimeError)
    throw new Error(`${url}: ${result?.lhr.runtimeError?.message ?? "Lighthouse has no result"}`);
  const { lhr } = result;
  const scoreOf = (name: string) => Math.round(100 * (lhr.categories[name]?.score ?? 0));
  return {
    scores: Object.fromEntries(
      categories.map((name) => [name, scoreOf(name)]),
    ) as Audited["scores"],
    failed: Object.values(lhr.audits).flatMap(({ id, score, displayValue = "" }) =>
      score !== null && score < 0.9 ? [`${id} ${displayValue}`.trim()] : [],
    ),
    load,
    index: lhr.environment.benchmarkIndex,
  };
}

export function lighthouseTable({ machine, pages }: LighthouseReport): string {
  const rows = pages.map(({ name, runs }) => [
    name,
    ...categories.map((category) => String(median(runs.map(({ scores }) => scores[category])))),
    median(runs.map(({ load }) => load)).toFixed(1),
    median(runs.map(({ index }) => index)).toFixed(0),
  ]);
  const failed = pages.flatMap(({ name, runs }) => {
    const all = [...new Set(runs.flatMap((run) => run.failed))];
    return all.length > 0 ? [`${name}: ${all.join("; ")}\n`] : [];
  });
  return [
    machineLine(machine),
    `Medians of ${pages[0]?.runs.length ?? 0} runs. Load: the queue of the machine's processors; index: Lighthouse's of their speed.\n\n`,
    table([["", ...categories, "load", "index"], ...rows]),
    ...(failed.length > 0 ? ["\nBelow 90:\n", ...failed] : []),
  ].join("");
}
