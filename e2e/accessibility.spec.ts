import { expect } from "@playwright/test";
import { joinAtOnce, startFleet } from "@tandem/cli/fleet/tabs";
import { follow } from "@tandem/cli/harness/rest-client";
import { launch, sharedServer, test, tiny } from "./harness";
import { barriersOf, inAllLooks } from "./looks";

const server = sharedServer();
let experiment = "";
let waiting = "";
test.beforeAll(async () => {
  experiment = (await server.api.create(tiny())).id;
  waiting = await launch(server, tiny({ name: "Waiting" }));
});

const pages = {
  "the list": () => "/",
  "the form": () => "/experiments/new",
  "a draft": () => `/experiments/${experiment}`,
  "an experiment that waits": () => `/experiments/${waiting}`,
  "the audit log": () => "/audit",
  "the join page": () => `/join/${experiment}`,
} as const;

for (const [name, path] of Object.entries(pages))
  test(`${name} has no serious barrier, and does not scroll sideways`, async ({ page }) => {
    await page.goto(server.url + path());
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    expect(await inAllLooks(page, barriersOf)).toEqual([]);
  });

test("a form with mistakes has no serious barrier", async ({ page }) => {
  await page.goto(`${server.url}/experiments/new`);
  await page.getByRole("button", { name: "Create experiment" }).click();
  await expect(page.getByText("Enter a name for the experiment.")).toBeVisible();
  await expect(page.getByLabel("Name", { exact: true })).toBeFocused();
  expect(await barriersOf(page)).toEqual([]);
});

test("a tab that gets no place says why, without a serious barrier", async ({ page }) => {
  await joinAtOnce(page, `${server.url}/join/${waiting}?auto=1&backend=wasm&slot=99`);
  await expect(page.getByText("There is no place 99; places are 0 to 11.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Join with this tab" })).toBeVisible();
  expect(await barriersOf(page)).toEqual([]);
});

test("taking part has no serious barrier in any of its states", async ({ page }) => {
  test.setTimeout(180_000);
  const id = await launch(server, tiny({ rounds: 1, minClients: 1 }));
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${server.url}/join/${id}?slot=1&backend=wasm`);
  const states: readonly [string, RegExp, () => Promise<unknown>][] = [
    ["joining", /./, () => page.getByRole("button", { name: "Join with this tab" }).click()],
    ["training", /Training on your samples|Answering|Learning/, async () => {}],
    ["paused", /^Paused\./, () => page.getByRole("button", { name: "Pause" }).click()],
    ["finished", /^Done\./, () => page.getByRole("button", { name: "Resume" }).click()],
    ["come back", /took part in 1 round/, () => page.reload()],
  ];
  for (const [name, sentence, act] of states) {
    await act();
    await expect(page.getByText(sentence).first()).toBeVisible({ timeout: 60_000 });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await expect(page.locator("html")).toHaveClass(new RegExp(`\\b${colorScheme}\\b`));
      expect(await barriersOf(page), `${name}, ${colorScheme}`).toEqual([]);
    }
  }
});

test("a live page without a connection says so, without a serious barrier", async ({ page }) => {
  await page.routeWebSocket(/socket\.io/, (socket) => socket.close());
  await page.route(/socket\.io/, (route) => route.abort());
  await page.goto(`${server.url}/experiments/${waiting}`);
  await expect(page.getByText("The server cannot be reached.")).toBeVisible();
  expect(await barriersOf(page)).toEqual([]);
});

test("deleting asks first, with the keyboard too", async ({ page }) => {
  const { id } = await server.api.create(tiny({ name: "To be deleted" }));
  await page.goto(`${server.url}/experiments/${id}`);
  const button = page.getByRole("button", { name: "Delete" });
  await button.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alertdialog")).toContainText("Delete “To be deleted”?");
  expect(await barriersOf(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(button).toBeFocused();
  expect((await server.api.view(id)).status).toBe("draft");
});

test("the first key press offers to skip the header", async ({ page }) => {
  await page.goto(server.url);
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeInViewport();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
});

test("nothing jumps on the live page while an experiment runs", async ({ page, browser }) => {
  const id = await launch(server, tiny({ rounds: 1 }));
  await page.addInitScript(watchShifts);
  await page.setViewportSize({ width: 1440, height: 2600 }); // all of it in sight
  await page.goto(`${server.url}/experiments/${id}`);
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  await page.evaluate(async () => {
    await document.fonts.ready;
    (window as unknown as Watched).shifts.length = 0;
  });
  const clients = [0, 1].map((slot) => ({ slot, backend: "wasm" as const }));
  const fleet = await startFleet({ url: server.url, experiment: id, clients, browser });
  await follow(server.api, id, ({ status }) => status === "finished", { timeoutMs: 150_000 });
  await expect(page.getByText("Finished after 1 round.")).toBeVisible();
  await fleet.close();
  const shifts = await page.evaluate(() => (window as unknown as Watched).shifts);
  const total = shifts.reduce((sum, { value }) => sum + value, 0);
  expect(total, JSON.stringify(shifts, null, 1)).toBeLessThan(0.02);
  expect(await barriersOf(page)).toEqual([]);
});

type Watched = { shifts: { value: number; what: string[] }[] };

function watchShifts(): void {
  const watched = window as unknown as Watched;
  watched.shifts = [];
  type Shift = PerformanceEntry & {
    readonly value: number;
    readonly sources: readonly { readonly node: Node | null }[];
  };
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries() as Shift[])
      watched.shifts.push({
        value,
        what: sources.map(({ node }) => node?.textContent?.slice(0, 60) ?? ""),
      });
  }).observe({ type: "layout-shift", buffered: true });
}
