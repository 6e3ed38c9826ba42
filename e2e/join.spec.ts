import { readFile } from "node:fs/promises";
import { expect, type Page } from "@playwright/test";
import { joinAtOnce, startFleet } from "@tandem/cli/fleet/tabs";
import { follow } from "@tandem/cli/harness/rest-client";
import { launch, sharedServer, storedBytes, test, tiny, withoutTeacher } from "./harness";

const server = sharedServer();
const tab = (slot: number, backend: "wasm" | "webgpu" = "wasm") => ({
  slot,
  backend,
  name: `Tab ${slot}`,
});

/** Of the browser's keys, whether they can be exported. */
async function keysKept(): Promise<boolean[]> {
  const settled = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const database = await settled(indexedDB.open("tandem-keys"));
  const store = database.transaction("keys").objectStore("keys");
  const pairs: readonly CryptoKeyPair[] = await settled(store.getAll());
  database.close();
  return pairs.map(({ privateKey }) => privateKey.extractable);
}

test("tabs join, keep their shard over a reload, train with wasm and answer", async ({
  browser,
}) => {
  const experiment = await launch(server, tiny({ rounds: 1, minClients: 3 }));
  const blobs: string[] = [];
  const fleet = await startFleet({
    url: server.url,
    experiment,
    clients: [tab(0), tab(1)],
    browser,
    prepare: async (page) => {
      page.on("request", (request) => {
        const hash = /[0-9a-f]{64}/.exec(request.url());
        if (hash && request.method() === "GET") blobs.push(hash[0]);
      });
    },
  });
  const ready = (count: number) =>
    follow(
      server.api,
      experiment,
      ({ clients }) => clients.filter(({ status }) => status === "ready").length === count,
      { timeoutMs: 90_000 },
    );
  const before = await ready(2);
  // Each has fetched its own shard, the public test and the vocabulary.
  expect(new Set(blobs).size).toBe(4);

  const [{ page }] = fleet.tabs;
  const kept = await page.evaluate(storedBytes);
  expect(kept).toBeGreaterThan(before.clients[0].samples * 32 * 32);
  blobs.length = 0;
  await page.reload();
  await follow(
    server.api,
    experiment,
    ({ clients }) => clients.some(({ slot, status }) => slot === 0 && status !== "ready"),
    { timeoutMs: 30_000 },
  );
  const after = await ready(2);
  expect(blobs).toEqual([]);
  expect(after.clients.map(({ id }) => id)).toEqual(before.clients.map(({ id }) => id));

  const third = await startFleet({ url: server.url, experiment, clients: [tab(2)], browser });
  const finished = await follow(server.api, experiment, ({ status }) => status === "finished", {
    timeoutMs: 120_000,
  });
  expect(finished.rounds[0].uploads).toBe(3);
  expect(finished.rounds[0].metrics["accuracy/mean"]).toBeGreaterThan(0);
  for (const { accuracy } of finished.clients) expect(accuracy).toBeGreaterThan(0);
  await expect(page.getByText(/\d\.\d %/).first()).toBeVisible();
  await page.getByText("Details of this device").click();
  await expect(deviceOf(page, "WebAssembly")).toContainText("In use");

  const gallery = await server.api.gallery(experiment, 1);
  expect(gallery.items).toHaveLength(16);
  const sheet = await fetch(new URL(gallery.sheet, server.url));
  expect(sheet.headers.get("content-type")).toBe("image/png");
  expect(fleet.errors).toEqual([]);
  await third.close();
  await fleet.close();
});

test("two tabs of one browser are two clients, and each stays itself over a reload", async ({
  browser,
}) => {
  const experiment = await launch(server, tiny({ rounds: 1, minClients: 3 }));
  const context = await browser.newContext();
  const open = async () => {
    const page = await context.newPage();
    await joinAtOnce(page, `${server.url}/join/${experiment}?auto=1&backend=wasm`);
    return page;
  };
  const ready = (count: number) =>
    follow(
      server.api,
      experiment,
      ({ clients }) => clients.filter(({ status }) => status === "ready").length === count,
      { timeoutMs: 90_000 },
    );
  await open();
  await ready(1);
  const second = await open();
  const before = await ready(2);
  await second.reload();
  await follow(
    server.api,
    experiment,
    ({ clients }) => clients.filter(({ status }) => status === "ready").length < 2,
    { timeoutMs: 30_000 },
  );
  const after = await ready(2);
  const idsOf = ({ clients }: typeof after) => clients.map(({ id }) => id);
  expect(idsOf(after)).toEqual(idsOf(before));
  expect(new Set(idsOf(after)).size).toBe(2);
  expect(await second.evaluate(keysKept)).toEqual([false, false]); // a key each, which nobody can read
  await context.close();
});

test("a tab trains with WebGPU when it is asked to", async ({ browser }) => {
  const experiment = await launch(server, withoutTeacher({ rounds: 1, minClients: 1 }));
  // Place 1 holds captions: the lightest model, for a GPU in software.
  const fleet = await startFleet({
    url: server.url,
    experiment,
    clients: [tab(1, "webgpu")],
    browser,
  });
  const finished = await follow(server.api, experiment, ({ status }) => status === "finished", {
    timeoutMs: 170_000,
  });
  expect(finished.clients[0].device).toMatch(/webgpu/i);
  expect(finished.clients[0].accuracy).toBeGreaterThan(0);
  await fleet.tabs[0].page.getByText("Details of this device").click();
  await expect(deviceOf(fleet.tabs[0].page, "WebGPU")).toContainText("In use");
  await fleet.close();
});

test("training never keeps the page busy for 50 ms", async ({ browser }) => {
  const experiment = await launch(server, withoutTeacher({ rounds: 1, minClients: 1 }));
  const fleet = await startFleet({ url: server.url, experiment, clients: [tab(0)], browser });
  const [{ page }] = fleet.tabs;
  await follow(server.api, experiment, ({ phase }) => phase === "collecting", {
    timeoutMs: 90_000,
  });
  const trace = test.info().outputPath("trace.json");
  await browser.startTracing(page, { path: trace, categories: ["toplevel", "blink.user_timing"] });
  await page.evaluate(() => performance.mark("watch"));
  await follow(server.api, experiment, ({ phase }) => phase !== "collecting", {
    timeoutMs: 90_000,
  });
  // Shows that a page which is kept busy would be seen.
  await page.evaluate(() => {
    performance.mark("block");
    for (const start = performance.now(); performance.now() - start < 400; ) Math.random();
  });
  // Its reply may come before the task is over, which a trace that ends then gives no duration.
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve)));
  await browser.stopTracing();
  const tasks = await tasksBetweenMarks(trace);
  expect(tasks.before.length).toBeGreaterThan(100); // there was something to watch
  expect(Math.max(...tasks.before)).toBeLessThan(50);
  expect(Math.max(...tasks.after)).toBeGreaterThan(50);
  await fleet.close();
});

/** The line of the device report on one way to compute, which has passed its self-test if in use. */
const deviceOf = (page: Page, name: string) => page.getByRole("listitem").filter({ hasText: name });

type TraceEvent = {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  readonly ts: number;
  /** Of a task that was over when the trace ended, in µs. */
  readonly dur?: number;
  /** Time on the processor in µs: a busy machine stretches a task's wall time, not this. */
  readonly tdur?: number;
};

/** CPU milliseconds of the main thread's tasks between the marks "watch" and "block", and after. */
async function tasksBetweenMarks(path: string) {
  const { traceEvents } = JSON.parse(await readFile(path, "utf8")) as {
    readonly traceEvents: readonly TraceEvent[];
  };
  const mark = (wanted: string) => {
    const found = traceEvents.find(({ name }) => name === wanted);
    if (!found) throw new Error(`the trace holds no mark "${wanted}"`);
    return found;
  };
  const [watch, block] = [mark("watch"), mark("block")];
  const tasks = traceEvents.filter(
    ({ name, pid, tid, ts, tdur }) =>
      name === "ThreadControllerImpl::RunTask" &&
      pid === watch.pid &&
      tid === watch.tid &&
      tdur !== undefined &&
      ts > watch.ts,
  );
  const times = (part: readonly TraceEvent[]) => part.map(({ tdur = 0 }) => tdur / 1000);
  return {
    before: times(tasks.filter(({ ts, dur = 0 }) => ts + dur < block.ts)),
    after: times(tasks.filter(({ ts, dur = 0 }) => ts + dur >= block.ts)),
  };
}
