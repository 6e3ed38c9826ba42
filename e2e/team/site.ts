import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "@playwright/test";
import { chromiumFlags, chromiumPath } from "@tandem/cli/fleet/chromium";
import {
  freePort,
  root,
  type ServerProcess,
  startServer,
} from "@tandem/cli/harness/server-process";
import { lazily } from "@tandem/core/lazily";
import { postgresPrograms, startPostgres } from "@tandem/storage/testing/postgres-server";
import { type ProxyName, type RunningProxy, siteName, startProxy } from "./proxies";

/** A server behind a proxy with TLS, below a path, and a browser that finds it by its name. */
export type Site = {
  /** Without a slash at its end. */
  readonly url: string;
  readonly proxy: RunningProxy;
  readonly plainPort: number;
  readonly server: ServerProcess;
  /** A browser of its own for somebody, every page of which is watched. */
  person(options?: BrowserContextOptions): Promise<Page>;
  /** What pages have asked for that is not there, fails or is not of this site, and what their policy refused. */
  readonly faults: readonly string[];
  /** Addresses of all web sockets that pages and their workers have opened. */
  readonly sockets: readonly string[];
  /** All of it; resolves with the server's exit code. */
  stop(): Promise<number | null>;
};

export async function openSite(proxyName: ProxyName): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), "tandem-journey-"));
  const [https, http, app] = [await freePort(), await freePort(), await freePort()];
  const programs = postgresPrograms();
  const database = programs === undefined ? undefined : await startPostgres(programs);
  process.stdout.write(`  on ${database ? "PostgreSQL" : "PGlite"}, behind ${proxyName}\n`);
  const url = `https://${siteName}:${https}/tandem`;
  await mkdir(join(folder, "proxy"));
  const server = await startServer({
    port: app,
    directory: join(folder, "data"),
    asStarted: true,
    flags: await optionsOfUnit(),
    environment: {
      TANDEM_PUBLIC_URL: url,
      TANDEM_TRUSTED_PROXIES: "127.0.0.1",
      ...(database && { TANDEM_DATABASE_URL: await database.database() }),
    },
  });
  const proxy = await startProxy(proxyName, join(folder, "proxy"), { https, http, app });
  const browser = await chromium.launch({
    executablePath: chromiumPath(root),
    args: [
      ...chromiumFlags,
      "--disable-3d-apis", // tabs compute by WebAssembly
      `--host-resolver-rules=MAP ${siteName} 127.0.0.1`,
      `--ignore-certificate-errors-spki-list=${proxy.keyHash}`,
    ],
  });
  const watched = watch(url, browser);
  const ended = lazily(async () => {
    await browser.close();
    await proxy.stop();
    await server.stop();
    await database?.stop();
    await rm(folder, { recursive: true, force: true });
    return server.exited;
  });
  return { ...{ url, proxy, server, plainPort: http }, ...watched, stop: ended.get };
}

/** How deploy/tandem.service starts the server, but for its folder. */
async function optionsOfUnit(): Promise<readonly string[]> {
  const unit = await readFile(join(root, "deploy/tandem.service"), "utf8");
  const line = /^ExecStart=\/usr\/bin\/node scripts\/start\.mjs (.*) --data \S+$/m.exec(unit)?.[1];
  if (line === undefined) throw new Error("deploy/tandem.service does not start the server");
  return line.split(" ");
}

function watch(url: string, browser: Browser) {
  const faults: string[] = [];
  const sockets: string[] = [];
  const socketUrl = url.replace(/^https/, "wss");
  const isOwn = (address: string) =>
    /^(data|blob|about):/.test(address) ||
    [url, socketUrl].some((own) => address === own || /^[/?#]/.test(address.replace(own, "")));
  const note = (fault: string) => faults.push(fault);
  const linksOf = (page: Page) =>
    page.$$eval("a[href], link[href], img[src], script[src], form[action]", (all) =>
      all.map((one) => {
        const named = ["href", "src", "action"].map((name) => one.getAttribute(name));
        return new URL(named.find((value) => value !== null) ?? "", document.baseURI).href;
      }),
    );
  return {
    faults,
    sockets,
    async person(options: BrowserContextOptions = {}) {
      const context = await browser.newContext(options);
      context.on("request", (asked) => {
        if (!isOwn(asked.url())) note(`asked for ${asked.url()}`);
      });
      context.on("response", (answer) => {
        if (answer.status() === 404 || answer.status() >= 500)
          note(`${answer.status()} of ${answer.url()}`);
      });
      context.on("console", (message) => {
        if (/Content Security Policy/.test(message.text())) note(message.text());
      });
      context.on("weberror", (error) => note(`thrown: ${error.error().message}`));
      context.on("page", (page) => {
        page.on("websocket", (socket) => {
          sockets.push(socket.url());
          if (!isOwn(socket.url())) note(`opened ${socket.url()}`);
        });
        page.on("load", async () => {
          for (const link of await linksOf(page).catch(() => [])) // it has been left
            if (!isOwn(link)) note(`${page.url()} leads to ${link}`);
        });
      });
      return context.newPage();
    },
  };
}
