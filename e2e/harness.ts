import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test as base, chromium, type Page } from "@playwright/test";
import { chromiumFlags, chromiumPath } from "@tandem/cli/fleet/chromium";
import { type Api, createApi, type NewExperiment } from "@tandem/cli/harness/rest-client";
import { freePort, type ServerProcess, startServer } from "@tandem/cli/harness/server-process";
import type { ClientStore } from "@tandem/core/stores";
import type { Sent } from "@tandem/simulation/observed-channel";
import { createMemoryClientStore } from "@tandem/storage/memory-client";
import {
  type PostgresServer,
  postgresPrograms,
  startPostgres,
} from "@tandem/storage/testing/postgres-server";
import { placeTestDatabase } from "@tandem/storage/testing/test-database";
import { keptRecords } from "./kept-records";

export type TestServer = {
  readonly url: string;
  /** Of its data. */
  readonly directory: string;
  readonly api: Api;
  output(): string;
  /** SIGKILL, then a new process on the same data and port. */
  crash(): Promise<void>;
};

type Environment = Readonly<Record<string, string>>;
/** Writes into the data folder, and the database that the environment names, before there is a server. */
type Fill = (directory: string, environment: Environment) => Promise<void>;

/** `TANDEM_E2E_DATABASE=postgres` runs every spec on PostgreSQL. */
const everywherePostgres = process.env.TANDEM_E2E_DATABASE === "postgres";

function testServer(postgres: boolean, fill: Fill = async () => {}) {
  let running: { readonly process: ServerProcess; readonly directory: string } | undefined;
  let database: PostgresServer | undefined;
  let environment: Environment = {};
  const current = () => {
    if (!running) throw new Error("the server runs only inside tests");
    return running;
  };
  const server: TestServer = {
    get url() {
      return current().process.url;
    },
    get directory() {
      return current().directory;
    },
    get api() {
      return createApi(current().process.url);
    },
    output: () => current().process.output(),
    async crash() {
      const { process, directory } = current();
      await process.kill();
      const { port } = process;
      running = { directory, process: await startServer({ port, directory, environment }) };
    },
  };
  return {
    server,
    async start() {
      if (running) return;
      const directory = await mkdtemp(join(tmpdir(), "tandem-e2e-"));
      if (postgres) {
        database = await startPostgres(postgresPrograms() ?? "");
        environment = { TANDEM_DATABASE_URL: await database.database() };
      } else await placeTestDatabase(directory);
      await fill(directory, environment);
      const port = await freePort();
      running = { directory, process: await startServer({ port, directory, environment }) };
    },
    async stop() {
      if (!running) return;
      const { process, directory } = running;
      running = undefined;
      await process.stop();
      await database?.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const shared = testServer(everywherePostgres);

/** Playwright's. All specs have this one, so that all run in one process and can share a server. */
export const test = base.extend<object, { readonly sharedServer: undefined }>({
  sharedServer: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants the fixtures destructured
    async ({}, use) => {
      await use(undefined);
      await shared.stop();
    },
    { scope: "worker", auto: true },
  ],
});

/** The server of all specs whose tests mind nothing that others have left on it. */
export function sharedServer(): TestServer {
  startBefore(shared);
  return shared.server;
}

/**
 * Gives the tests beside the call a server of their own, in PGlite or in PostgreSQL, with empty data or
 * what `fill` puts there.
 */
export function ownServer({
  postgres = everywherePostgres,
  fill,
}: {
  readonly postgres?: boolean;
  readonly fill?: Fill;
} = {}): TestServer {
  const own = testServer(postgres, fill);
  startBefore(own);
  test.afterAll(own.stop);
  return own.server;
}

function startBefore({ server, start }: ReturnType<typeof testServer>): void {
  test.beforeAll(() => {
    test.setTimeout(120_000);
    return start();
  });
  // biome-ignore lint/correctness/noEmptyPattern: Playwright wants the fixtures destructured
  test.afterEach(async ({}, info) => {
    if (info.status === info.expectedStatus) return;
    await info.attach("server", { body: server.output() });
    process.stderr.write(`${server.output().slice(-3000)}\n`);
  });
}

/** The real algorithm with the least work in each of its steps. */
export const tiny = (changes: Partial<NewExperiment> = {}): NewExperiment => ({
  name: "Tiny",
  strategy: "fedmmkt",
  dataset: "emoji-style",
  rounds: 2,
  slots: 12,
  minClients: 2,
  deadlineMs: 60_000,
  strategyConfig: {
    localEpochs: 1,
    items: 16,
    samplingSteps: 2,
    transferEpochs: 1,
    finetuneSteps: 2,
    finetuneBatch: 4,
    evaluationItems: 8,
  },
  ...changes,
});

/** Without a teacher's process, for what is the same without: each round has some seconds of training. */
export const withoutTeacher = (changes: Partial<NewExperiment> = {}): NewExperiment =>
  tiny({ strategy: "fd", strategyConfig: { localEpochs: 12, warmUpEpochs: 0 }, ...changes });

/** Creates and starts it; resolves with its id. */
export async function launch(server: TestServer, experiment: NewExperiment): Promise<string> {
  const { id } = await server.api.create(experiment);
  await server.api.start(id);
  return id;
}

/** Bytes of all records of all databases of the page's origin. */
export async function storedBytes(): Promise<number> {
  const settled = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  let bytes = 0;
  for (const { name = "" } of await indexedDB.databases()) {
    const database = await settled(indexedDB.open(name));
    for (const store of database.objectStoreNames)
      for (const value of await settled(database.transaction(store).objectStore(store).getAll()))
        bytes += (value as Uint8Array).byteLength ?? 0;
    database.close();
  }
  return bytes;
}

/** All that a tab sends, its workers' requests and frames included. */
export function everythingSent(page: Page): Sent[] {
  const sent: Sent[] = [];
  const note = (bytes: Buffer | string | null) =>
    bytes !== null && sent.push({ blob: Buffer.from(bytes) });
  page.on("request", (request) => {
    note(request.url());
    note(request.postDataBuffer());
  });
  page.on("websocket", (socket) => {
    socket.on("framesent", ({ payload }) => note(payload));
  });
  return sent;
}

/** A copy of what the browser keeps. */
export async function keptStore(page: Page): Promise<ClientStore> {
  const store = createMemoryClientStore();
  for (const [key, bytes] of await keptRecords(page)) await store.set(key, Uint8Array.from(bytes));
  return store;
}

/** By its settings, which deny everything that a site keeps. */
export async function browserWithoutCookies() {
  const directory = await mkdtemp(join(tmpdir(), "tandem-profile-"));
  await mkdir(join(directory, "Default"));
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
  await writeFile(join(directory, "Default/Preferences"), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(directory, {
    executablePath: chromiumPath(join(import.meta.dirname, "..")),
    args: [...chromiumFlags],
  });
  return {
    page: await context.newPage(),
    async close() {
      await context.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
