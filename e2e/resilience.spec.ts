import { expect } from "@playwright/test";
import { skewClock, strikeFleet } from "@tandem/cli/fleet/faults";
import { startFleet } from "@tandem/cli/fleet/tabs";
import { openLine } from "@tandem/cli/harness/line";
import { follow } from "@tandem/cli/harness/rest-client";
import type { ExperimentView } from "@tandem/protocol/view";
import { launch, sharedServer, test, tiny, withoutTeacher } from "./harness";

const server = sharedServer();
const limit = { timeoutMs: 120_000 };
const alone = { rounds: 2, minClients: 1, deadlineMs: 120_000 };
const finished = ({ status }: ExperimentView) => status === "finished";
const working = ({ clients }: ExperimentView) => clients.some(({ status }) => status === "working");

test("a worker that crashes is replaced, as the same client, and says so", async ({ browser }) => {
  const experiment = await launch(server, tiny(alone));
  const clients = [{ slot: 1, backend: "wasm" as const, name: "Tab" }];
  const fleet = await startFleet({ url: server.url, experiment, clients, browser });
  const [{ page }] = fleet.tabs;
  const before = await follow(server.api, experiment, working, limit);
  const crashed = page.waitForEvent("worker");
  await page.workers()[0].evaluate(() => {
    setTimeout(() => {
      throw new Error("a bug of ours");
    });
  });
  await crashed;
  await expect(page.getByText(/broke and has started again .*a bug of ours/)).toBeVisible();
  const after = await follow(server.api, experiment, finished, limit);
  expect(after.clients.map(({ id }) => id)).toEqual(before.clients.map(({ id }) => id));
  expect(after.rounds.map(({ uploads }) => uploads)).toEqual([1, 1]);
  await fleet.close();
});

test("a tab without room goes on from memory, and says so", async ({ browser }) => {
  const experiment = await launch(server, withoutTeacher(alone));
  const fleet = await startFleet({
    url: server.url,
    experiment,
    clients: [{ slot: 1, backend: "wasm" as const, name: "Tab" }],
    browser,
    async prepare(page) {
      const session = await page.context().newCDPSession(page);
      const { origin } = new URL(server.url);
      await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1000 });
    },
  });
  const [{ page }] = fleet.tabs;
  await expect(page.getByText("This browser has no room left")).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText("Kept", { exact: true })).toBeVisible();
  const { rounds } = await follow(server.api, experiment, finished, limit);
  expect(rounds.map(({ uploads }) => uploads)).toEqual([1, 1]);
  await fleet.close();
});

for (const [backend, reason] of [
  ["webgpu", "WebGPU: the device was lost"],
  ["webgl", "WebGL: the context was lost"],
] as const)
  test(`what ${backend} loses costs no round`, async ({ browser }) => {
    const experiment = await launch(server, withoutTeacher({ ...alone, rounds: 1 }));
    const clients = [{ slot: 1, backend, name: "Tab" }];
    const fleet = await startFleet({ url: server.url, experiment, clients, browser });
    const [{ page }] = fleet.tabs;
    await follow(server.api, experiment, working, limit);
    const session = await browser.newBrowserCDPSession();
    await session.send("Browser.crashGpuProcess").catch(() => {}); // has no answer
    await expect(page.getByText(new RegExp(`broke and .*${reason}`))).toBeVisible({
      timeout: 60_000,
    });
    const after = await follow(server.api, experiment, finished, limit);
    expect(after.rounds[0].uploads).toBe(1);
    await fleet.close();
  });

test("tabs whose clocks are wrong and that are struck in every round finish all of them", async ({
  browser,
}) => {
  const experiment = await launch(
    server,
    withoutTeacher({ rounds: 3, minClients: 2, deadlineMs: 20_000 }),
  );
  const { port } = new URL(server.url);
  const lines = [await openLine({ port: Number(port) }), await openLine({ port: Number(port) })];
  const fleet = await startFleet({
    url: lines.map(({ url }) => url),
    experiment,
    clients: [0, 1].map((slot) => ({ slot, backend: "wasm" as const, name: `Tab ${slot}` })),
    browser,
    prepare: (page, index) => skewClock(page, (index - 0.5) * 7_200_000), // an hour behind, an hour ahead
  });
  for (const [index, { page }] of fleet.tabs.entries()) {
    const worker = page.workers()[0] ?? (await page.waitForEvent("worker"));
    const ahead = (await worker.evaluate(() => Date.now())) - Date.now();
    expect(Math.round(ahead / 3_600_000)).toBe(index === 0 ? -1 : 1);
  }
  const said: string[] = [];
  const rates = { disconnect: 0.3, crash: 0.4, corrupt: 0.3 };
  const say = (text: string) => said.push(text);
  const strike = strikeFleet({ fleet, lines, rates, seed: 1, say });
  const view = await follow(server.api, experiment, finished, {
    timeoutMs: 150_000,
    onView: (now) => void strike(now),
  });
  expect(said).toHaveLength(6);
  expect(view.clients).toHaveLength(2);
  for (const { uploads } of view.rounds) expect(uploads).toBeGreaterThan(0);
  await fleet.close();
  for (const line of lines) await line.close();
});
