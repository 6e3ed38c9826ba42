import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Locator, type Page } from "@playwright/test";
import { chromiumFlags, chromiumPath } from "../fleet/chromium";
import { startFleet } from "../fleet/tabs";
import { type Machine, machineLine, thisMachine } from "../harness/machine";
import { freePort, root, startServer } from "../harness/server-process";
import { table } from "./table";

export type ComparisonJob = { readonly clients: number; readonly screenshots?: string };

/** `user`: what somebody does and the pages answer; `rounds`: waiting for clients and their rounds. */
type Step = {
  readonly name: string;
  readonly of: "server" | "user" | "rounds";
  readonly ms: number;
};

export type ComparisonReport = {
  readonly machine: Machine;
  readonly job: ComparisonJob;
  readonly steps: readonly Step[];
  readonly clicks: number;
  readonly keys: number;
  /** Paths that the page went to, in order. */
  readonly pages: readonly string[];
};

/** For each step, on a machine that has much else to do. */
const patienceMs = 180_000;

/** From a fresh server to the curves of two strategies, through the pages alone. */
export async function benchComparison(
  job: ComparisonJob,
  note: (text: string) => void,
): Promise<ComparisonReport> {
  const executablePath = chromiumPath(root);
  const directory = await mkdtemp(join(tmpdir(), "tandem-comparison-"));
  if (job.screenshots !== undefined) await mkdir(job.screenshots, { recursive: true });
  const browser = await chromium.launch({ executablePath, args: [...chromiumFlags] });
  const steps: Step[] = [];
  try {
    let last = performance.now();
    const port = await freePort();
    const server = await startServer({ port, directory });
    try {
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
      page.setDefaultTimeout(patienceMs);
      const step = async (of: Step["of"], name: string) => {
        const now = performance.now();
        steps.push({ name, of, ms: now - last });
        note(name);
        if (job.screenshots !== undefined)
          await page.screenshot({ path: join(job.screenshots, `${steps.length}.png`) });
        last = performance.now();
      };
      await step("server", "server ready");
      const hands = handsOn(page);
      const runRounds = async (name: string) => {
        const experiment = new URL(page.url()).pathname.split("/").at(-1) ?? "";
        const clients = Array.from({ length: job.clients }, () => ({ backend: "wasm" as const }));
        const fleet = await startFleet({ url: server.url, experiment, clients, browser });
        try {
          await page.getByText(/^Finished after/).waitFor();
        } finally {
          await fleet.close();
        }
        await step("rounds", `${name} finished`);
      };
      await page.goto(server.url);
      await hands.press(page.getByRole("link", { name: "New experiment" }).first());
      await hands.write(page.getByLabel("Name", { exact: true }), "First");
      await hands.press(page.getByRole("radio", { name: /^Quick look/ }));
      await hands.press(button(page, "Next"));
      await hands.press(page.getByRole("radio", { name: /^FD / }));
      await hands.start("First");
      await step("user", "first started");
      await runRounds("first");
      await hands.press(button(page, "More"));
      await hands.press(page.getByRole("menuitem", { name: "New with its settings" }));
      await hands.write(page.getByLabel("Name", { exact: true }), "Second");
      await hands.press(button(page, "Next"));
      await hands.press(page.getByRole("radio", { name: /^Local only/ }));
      await hands.start("Second");
      await step("user", "second started");
      await runRounds("second");
      await hands.press(button(page, "More"));
      await hands.press(page.getByRole("menuitem", { name: "Compare" }));
      const choices = page.getByRole("list", { name: "Experiments to choose from" });
      await hands.press(choices.getByLabel(/^First/));
      await page
        .getByLabel(/At the end: .*; /)
        .first()
        .waitFor();
      await step("user", "both curves");
      await hands.press(button(page, "Pin First as baseline"));
      const saved = page.waitForEvent("download");
      await hands.press(button(page, "Download CSV"));
      await saved;
      await step("user", "table exported");
      return { machine: thisMachine(), job, steps, ...hands.done() };
    } finally {
      await server.stop();
    }
  } finally {
    await browser.close();
    await rm(directory, { recursive: true, force: true });
  }
}

const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true });

/** Counts what it does to the page. */
function handsOn(page: Page) {
  let clicks = 0;
  let keys = 0;
  const pages: string[] = [];
  page.on("framenavigated", (frame) => {
    if (frame !== page.mainFrame()) return;
    const { pathname } = new URL(frame.url());
    if (pathname !== pages.at(-1)) pages.push(pathname);
  });
  const press = async (target: Locator) => {
    await target.click();
    clicks++;
  };
  const write = async (field: Locator, words: string) => {
    await press(field);
    await field.fill(words);
    keys += words.length;
  };
  /** Creates what the form has and starts it. */
  const start = async (name: string) => {
    await press(button(page, "Create experiment"));
    await page.getByRole("heading", { level: 1, name }).waitFor();
    await press(button(page, "Start"));
    await page.getByText(/^Waiting for clients/).waitFor();
  };
  return { press, write, start, done: () => ({ clicks, keys, pages }) };
}

export function comparisonTable(report: ComparisonReport): string {
  const { machine, job, steps, clicks, keys, pages } = report;
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  const sum = (of: Step["of"]) =>
    seconds(steps.filter((step) => step.of === of).reduce((all, { ms }) => all + ms, 0));
  return [
    machineLine(machine),
    `${clicks} clicks, ${keys} keys, ${pages.length} pages; ${job.clients} tabs an experiment.\n\n`,
    table([["step", "of", "seconds"], ...steps.map(({ name, of, ms }) => [name, of, seconds(ms)])]),
    `\nServer ${sum("server")} s, pages ${sum("user")} s, rounds ${sum("rounds")} s.\n`,
  ].join("");
}
