import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "@playwright/test";
import { createRng } from "@tandem/core/rng";
import { zipSync } from "fflate";
import sharp from "sharp";
import { chromiumFlags, chromiumPath } from "../fleet/chromium";
import { type Machine, machineLine, thisMachine } from "../harness/machine";
import { freePort, root, startServer } from "../harness/server-process";
import { table } from "./table";
import { median } from "./take-turns";

export type JourneyJob = { readonly runs: number; readonly pictures: number };

/** Milliseconds from a run's beginning to when each was there, by name and in order. */
type Steps = Readonly<Record<string, number>>;

export type JourneyReport = {
  readonly machine: Machine;
  readonly job: JourneyJob;
  /** From the server's start on an empty folder, through the dashboard. */
  readonly organiser: readonly Steps[];
  /** From opening the join link, with a zip of pictures. */
  readonly participant: readonly Steps[];
};

/** What a person does, without a person's pauses, against a server and in tabs of their own. */
export async function benchJourney(
  job: JourneyJob,
  note: (text: string) => void,
): Promise<JourneyReport> {
  const zip = await photographs(job.pictures);
  const browser = await chromium.launch({
    executablePath: chromiumPath(root),
    args: [...chromiumFlags],
  });
  const organiser: Steps[] = [];
  const participant: Steps[] = [];
  try {
    for (let run = 1; run <= job.runs; run++) {
      const directory = await mkdtemp(join(tmpdir(), "tandem-journey-"));
      note(`run ${run}: the study`);
      const mark = stopwatch();
      const server = await startServer({ port: await freePort(), directory });
      mark.at("server ready");
      try {
        const address = await makeStudy(browser, server.url, mark.at);
        organiser.push(mark.steps);
        note(`run ${run}: taking part`);
        participant.push(await takePart(browser, address, zip));
      } finally {
        await server.stop();
        await rm(directory, { recursive: true, force: true });
      }
    }
  } finally {
    await browser.close();
  }
  return { machine: thisMachine(), job, organiser, participant };
}

function stopwatch() {
  const start = performance.now();
  const steps: Record<string, number> = {};
  const at = (name: string) => {
    steps[name] = performance.now() - start;
  };
  return { steps, at };
}

/** For each step, on a machine that has much else to do. */
const patienceMs = 180_000;

/** A task and an experiment that is open; resolves with the address of its join page. */
async function makeStudy(browser: Browser, url: string, at: (name: string) => void) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(patienceMs);
  const press = (name: string) => page.getByRole("button", { name, exact: true }).click();
  await page.goto(`${url}/tasks/new`);
  await page.getByLabel("Name", { exact: true }).fill("Fruit");
  await press("Next");
  await page.getByText("Paste a list").click();
  await page.getByLabel("A class a line").fill("apple\npear");
  await press("Add 2 classes");
  for (let step = 0; step < 5; step++) await press("Next");
  await press("Create the task");
  await page.getByRole("link", { name: "New experiment on this task" }).click();
  at("task made");
  await page.getByLabel("Name", { exact: true }).fill("Fruit together");
  await press("Next");
  await page.getByRole("radio", { name: /^FD / }).check();
  await press("Next");
  await page.getByLabel("Clients to start", { exact: true }).fill("1");
  await press("Create experiment");
  await press("Start");
  await page.getByText(/^Waiting for clients/).waitFor();
  at("open for participants");
  const { pathname } = new URL(page.url());
  await page.close();
  return url + pathname.replace("experiments", "join");
}

async function takePart(browser: Browser, address: string, buffer: Buffer): Promise<Steps> {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs);
  const { steps, at } = stopwatch();
  await page.goto(`${address}?backend=wasm`);
  await page.getByRole("region", { name: "Add data" }).waitFor();
  at("page ready");
  const chosen = { name: "mine.zip", mimeType: "application/zip", buffer };
  await page.getByLabel("Files", { exact: true }).setInputFiles(chosen);
  const keep = page.getByRole("button", { name: "Keep in this browser" });
  await keep.waitFor();
  at("pictures read");
  await keep.click();
  await page.getByText(/pictures kept in this browser/).waitFor();
  at("kept");
  await page.getByRole("button", { name: "Join with this tab" }).click();
  await page.getByText("Training on your samples").first().waitFor();
  at("training");
  await context.close();
  return steps;
}

/** A zip of JPEGs of 4000 x 3000, half of them brighter, in a folder a class. */
async function photographs(count: number): Promise<Buffer> {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < count; i++) {
    const rng = createRng(`photograph/${i}`);
    const bright = (i % 2) * 100;
    const pixels = Uint8Array.from({ length: 40 * 30 * 3 }, () => rng.integer(150) + bright);
    files[`${i % 2 ? "pear" : "apple"}/${i}.jpg`] = await sharp(pixels, {
      raw: { width: 40, height: 30, channels: 3 },
    })
      .resize(4000, 3000)
      .jpeg()
      .toBuffer();
  }
  return Buffer.from(zipSync(files, { level: 0 }));
}

export function journeyTable({ machine, job, organiser, participant }: JourneyReport): string {
  const rows = (runs: readonly Steps[]) =>
    Object.keys(runs[0]).map((name) => {
      const seconds = runs.map((steps) => steps[name] / 1000);
      return [name, median(seconds).toFixed(1), Math.min(...seconds).toFixed(1)];
    });
  return [
    machineLine(machine),
    `Seconds, of ${job.runs} runs.\n\n`,
    table([["from the server's start", "median", "least"], ...rows(organiser)]),
    "\n",
    table([
      [`from the join link, ${job.pictures} photographs`, "median", "least"],
      ...rows(participant),
    ]),
  ].join("");
}
