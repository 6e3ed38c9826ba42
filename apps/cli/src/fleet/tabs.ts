import { type Browser, type BrowserContext, chromium, type Page } from "@playwright/test";
import type { ClientModality } from "@tandem/core/data";
import { chromiumFlags, webgpuFlags } from "./chromium";

/** One tab of the fleet; what is absent is left to the join page. */
export type FleetClient = {
  readonly slot?: number;
  readonly modality?: ClientModality;
  readonly backend?: "webgpu" | "webgl" | "wasm" | "cpu";
  readonly name?: string;
};

export type FleetTab = {
  readonly name: string;
  readonly page: Page;
  readonly context: BrowserContext;
};
export type FleetError = { readonly client: string; readonly text: string };

export type Fleet = {
  readonly tabs: readonly FleetTab[];
  /** Uncaught errors and `console.error` of all tabs and their workers. */
  readonly errors: readonly FleetError[];
  /** Crashes the tab's renderer: no unload event, no goodbye. */
  kill(index: number): Promise<void>;
  /** The same, and the client's page is opened again in a new tab of its browser. */
  revive(index: number): Promise<void>;
  close(): Promise<void>;
};

export type FleetOptions = {
  /** Of the server; a list has one for each tab. */
  readonly url: string | readonly string[];
  readonly experiment: string;
  /** What its link has behind the `#`. */
  readonly invitation?: string;
  readonly clients: readonly FleetClient[];
  /** Left to the caller, with its other contexts, when given. */
  readonly browser?: Browser;
  readonly executablePath?: string;
  /** Called with each tab before it opens the join page. */
  readonly prepare?: (page: Page, index: number) => Promise<unknown>;
};

/** One Chromium with one isolated context a client, each on the join page. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { url, experiment, invitation, clients, executablePath } = options;
  const webgpu = clients.some(({ backend }) => backend === "webgpu");
  const browser =
    options.browser ??
    (await chromium.launch({
      ...(executablePath !== undefined && { executablePath }),
      args: [...chromiumFlags, ...(webgpu ? webgpuFlags : [])],
    }));
  const tabs: FleetTab[] = [];
  const errors: FleetError[] = [];
  const close = async () => {
    await Promise.all(tabs.map(({ context }) => context.close().catch(ignoreClosed)));
    if (!options.browser) await browser.close();
  };
  async function open(index: number, context: BrowserContext): Promise<void> {
    const client = clients[index];
    const name = client.name ?? `Tab ${index + 1}`;
    const page = await context.newPage();
    tabs[index] = { name, page, context };
    page.on("pageerror", (error) => errors.push({ client: name, text: error.message }));
    page.on("console", (message) => {
      if (message.type() === "error") errors.push({ client: name, text: message.text() });
    });
    await options.prepare?.(page, index);
    const own = typeof url === "string" ? url : url[index];
    const address = joinUrl(own, experiment, { ...client, name });
    await joinAtOnce(page, invitation === undefined ? address : `${address}#${invitation}`);
  }
  try {
    for (const index of clients.keys()) await open(index, await browser.newContext());
  } catch (error) {
    await close();
    throw error;
  }
  const kill = async (index: number) => {
    const { page, context } = tabs[index];
    const session = await context.newCDPSession(page);
    const crashed = page.waitForEvent("crash");
    session.send("Page.crash").catch(ignoreClosed); // a dead renderer never answers
    await crashed;
  };
  const revive = async (index: number) => {
    await kill(index);
    const { page, context } = tabs[index]; // a page that has crashed opens nothing any more
    await page.close();
    await open(index, context);
  };
  return { tabs, errors, kill, revive, close };
}

export function joinUrl(url: string, experiment: string, client: FleetClient): string {
  const address = new URL(`${url.replace(/\/$/, "")}/join/${experiment}`);
  address.searchParams.set("auto", "1");
  for (const [key, value] of Object.entries(client)) address.searchParams.set(key, String(value));
  return address.href;
}

/** Opens a join page with `?auto=1` as its own form does: to a link from elsewhere it would not listen. */
export const joinAtOnce = (page: Page, address: string) =>
  page.goto(address, { referer: address.split("?")[0] });

// The context or session of a crashed tab may be gone before we are done with it.
const ignoreClosed = () => undefined;
