import { join } from "node:path";
import { type Browser, chromium, type Page } from "@playwright/test";
import { messageOf } from "@tandem/core/errors";
import { chromiumFlags, chromiumPath, webgpuFlags } from "../fleet/chromium";
import { type Machine, machineLine, thisMachine } from "../harness/machine";
import { root } from "../harness/server-process";
import type { BenchPage, BrowserBackend } from "./browser-page";
import { serveEngine } from "./engine-server";
import { table } from "./table";
import { type Timing, takeTurns } from "./take-turns";

export const browserBackends = [
  "webgpu",
  "webgl",
  "wasm",
  "cpu",
] as const satisfies readonly BrowserBackend[];

export type BrowserJob = {
  readonly backends: readonly BrowserBackend[];
  readonly architectures: readonly string[];
  readonly batch: number;
  readonly seconds: number;
  /** WebGPU by SwiftShader, where there is no GPU. */
  readonly software: boolean;
  /** More flags of Chromium. */
  readonly flags: string;
};

export type BrowserReport = {
  readonly machine: Machine;
  readonly browser: string;
  readonly batch: number;
  /** What computes, or why nothing does. */
  readonly backends: readonly { readonly name: BrowserBackend; readonly device: string }[];
  readonly architectures: readonly { readonly name: string; readonly timings: readonly Timing[] }[];
};

/** A GPU is used wherever Chromium can, and not only where it is known to be safe. */
const gpuFlags = ["--enable-unsafe-webgpu", "--enable-features=Vulkan", "--ignore-gpu-blocklist"];

/** Training steps of client models in Chromium, a page for each backend, all in turn. */
export async function benchBrowser(
  { backends, architectures, batch, seconds, software, flags }: BrowserJob,
  note: (text: string) => void,
): Promise<BrowserReport> {
  const server = await serveEngine(join(import.meta.dirname, "browser-page.ts"));
  const browser = await chromium.launch({
    executablePath: chromiumPath(root),
    args: [
      ...chromiumFlags,
      ...(software ? webgpuFlags : gpuFlags),
      ...flags.split(" ").filter(Boolean),
    ],
  });
  try {
    const started = [];
    for (const name of backends) {
      note(`starting ${name}`);
      started.push({ name, ...(await startPage(browser, server.url, name)) });
    }
    const measured: BrowserReport["architectures"][number][] = [];
    for (const architecture of architectures) {
      const candidates = started.flatMap(({ name, page }) =>
        page ? [{ name, run: () => stepIn(page, architecture, batch) }] : [],
      );
      const timings = await takeTurns(candidates, {
        seconds,
        note: (text) => note(`${architecture}: ${text}`),
      });
      measured.push({ name: architecture, timings });
    }
    return {
      machine: thisMachine(),
      browser: `Chromium ${browser.version()}`,
      batch,
      backends: started.map(({ name, device }) => ({ name, device })),
      architectures: measured,
    };
  } finally {
    await browser.close();
    server.close();
  }
}

async function startPage(
  browser: Browser,
  url: string,
  backend: BrowserBackend,
): Promise<{ readonly device: string; readonly page?: Page }> {
  const page = await browser.newPage();
  await page.goto(url);
  try {
    const start = (name: BrowserBackend) => (globalThis as unknown as BenchPage).start(name);
    return { page, device: await page.evaluate(start, backend) };
  } catch (error) {
    await page.close();
    return { device: `none: ${messageOf(error).split("\n")[0]}` };
  }
}

const stepIn = (page: Page, architecture: string, batch: number): Promise<number> =>
  page.evaluate(([name, size]) => (globalThis as unknown as BenchPage).step(name, size), [
    architecture,
    batch,
  ] as const);

export function browserTable(report: BrowserReport): string {
  const { machine, browser, batch, backends, architectures } = report;
  const present = architectures[0]?.timings.map(({ name }) => name) ?? [];
  const rows = architectures.map(({ name, timings }) => {
    const wasm = timings.find((one) => one.name === "wasm")?.medianMs;
    const cells = timings.map(({ name: backend, medianMs }) => {
      const ratio = wasm && backend !== "wasm" ? ` (${(wasm / medianMs).toFixed(2)})` : "";
      return `${medianMs.toFixed(1)}${ratio}`;
    });
    return [name, ...cells];
  });
  return [
    machineLine(machine),
    `${browser}, batch ${batch}\n`,
    ...backends.map(({ name, device }) => `${name}: ${device}\n`),
    "Milliseconds of a training step; in brackets how many times as fast as wasm.\n\n",
    table([["", ...present], ...rows]),
  ].join("");
}
