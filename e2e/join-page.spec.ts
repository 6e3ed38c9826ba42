import { expect, type Page } from "@playwright/test";
import { joinAtOnce } from "@tandem/cli/fleet/tabs";
import { follow } from "@tandem/cli/harness/rest-client";
import type { ExperimentView } from "@tandem/protocol/view";
import { programBytes } from "../apps/web/lib/join/expectation";
import { launch, sharedServer, storedBytes, test, tiny, withoutTeacher } from "./harness";
import { openProxy } from "./proxy";

const server = sharedServer();
/** Computes without a choice of backends, which takes long without a GPU. */
const backend = "?backend=wasm";
const draft = async (changes = {}) => (await server.api.create(tiny(changes))).id;
const joinButton = (page: Page) => page.getByRole("button", { name: "Join with this tab" });
const status = (page: Page) => page.getByRole("region", { name: "This tab" });
const ready = (id: string, count = 1) =>
  follow(server.api, id, (view) => clientsOf(view, "ready").length === count, {
    timeoutMs: 60_000,
  });
const clientsOf = ({ clients }: ExperimentView, wanted: string) =>
  clients.filter((client) => client.status === wanted);
const leave = async (page: Page) => {
  await page.getByRole("button", { name: "Leave" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Leave" }).click();
};

test("on a phone Join is in sight, and after a tap the status is on top and has the focus", async ({
  browser,
}) => {
  const id = await draft();
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  const traffic = await watchTraffic(page);
  await page.goto(`${server.url}/join/${id}${backend}`);
  await page.waitForLoadState("networkidle");
  expect(traffic.scripts()).toBeLessThan(150 * 1024);
  await expect(joinButton(page)).toBeInViewport({ ratio: 1 });
  await expect(
    page.getByRole("list", { name: "What you agree to" }).getByRole("listitem"),
  ).toHaveCount(4);
  const before = traffic.all();
  await page.getByLabel(/^Name/).scrollIntoViewIfNeeded();
  await joinButton(page).click();
  await expect(status(page)).toBeInViewport();
  expect(await page.evaluate(() => window.scrollY)).toBe(0);
  expect(await page.evaluate(() => document.activeElement?.textContent)).toContain("This tab");
  await ready(id);
  await expect(page.getByText(/has not started yet/)).toBeVisible();
  await expect(page.getByText("chance 12.5 %").first()).toBeVisible();
  // What the page said that would be downloaded was about what came.
  const data = Number(await page.evaluate(storedBytes));
  expect((traffic.all() - before - data) / programBytes).toBeGreaterThan(0.7);
  expect((traffic.all() - before - data) / programBytes).toBeLessThan(1.3);
  await leave(page);
  await expect(status(page)).toContainText("You have left");
  expect(await page.evaluate(storedBytes)).toBe(0);
  await page.close();
});

test("it goes on by itself on other pages and after a reload, and with a click after a pause", async ({
  page,
}) => {
  const id = await draft();
  await page.goto(`${server.url}/join/${id}${backend}`);
  await joinButton(page).click();
  const [{ id: client }] = (await ready(id)).clients;
  const isSame = async () =>
    expect((await ready(id)).clients.map((one) => one.id)).toEqual([client]);

  await page.getByRole("link", { name: "Experiments", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Experiments" })).toBeVisible();
  await page.waitForTimeout(1000);
  expect(clientsOf(await server.api.view(id), "ready")).toHaveLength(1);
  await page.getByRole("link", { name: /Taking part/ }).click();
  await expect(status(page)).toContainText("Connected");

  await page.reload();
  await expect(status(page)).toContainText("Connected", { timeout: 60_000 });
  await isSame();

  await page.getByRole("button", { name: "Pause" }).click();
  await expect(status(page)).toContainText("Paused. The round goes on without this tab.");
  await follow(server.api, id, (view) => clientsOf(view, "away").length === 1, {
    timeoutMs: 20_000,
  });
  await page.getByRole("button", { name: "Resume" }).click();
  await isSame();
  await page.getByRole("button", { name: "Pause" }).click();

  await page.goto(`${server.url}/join/${id}`);
  await expect(page.getByRole("region", { name: "You were in this study" })).toBeVisible();
  await page.getByRole("button", { name: "Continue" }).click();
  await isSame();
  await page.getByRole("button", { name: "Pause" }).click();

  await page.reload();
  await page.getByRole("button", { name: "Leave and remove it" }).click();
  await expect(page.getByText(/You have left/)).toBeVisible();
  expect(await page.evaluate(storedBytes)).toBe(0);
  await expect(joinButton(page)).toBeVisible();
});

test("closing a tab that takes part asks first, and one that does not does not", async ({
  page,
}) => {
  const id = await draft();
  const asked: string[] = [];
  page.on("dialog", (dialog) => {
    asked.push(dialog.type());
    void dialog.accept();
  });
  await page.goto(`${server.url}/join/${id}${backend}`);
  await joinButton(page).click();
  await ready(id);
  await page.goto(server.url);
  expect(asked).toEqual(["beforeunload"]);
  await page.goto(`${server.url}/join/${id}`);
  await expect(page.getByRole("button", { name: "Continue" })).toBeVisible();
  await page.goto(server.url);
  expect(asked).toHaveLength(1);
});

test("an experiment that is paused says so, and one that is deleted too", async ({ page }) => {
  const id = await launch(server, tiny());
  await page.goto(`${server.url}/join/${id}${backend}`);
  await joinButton(page).click();
  await expect(page.getByText(/waiting for more tabs to join/)).toBeVisible({ timeout: 60_000 });
  await command(id, "POST", "/pause");
  await expect(status(page)).toContainText("The study is paused");
  await page.reload();
  await expect(status(page)).toContainText("The study is paused", { timeout: 60_000 });
  await command(id, "DELETE", "");
  await expect(status(page)).toContainText("This study has been deleted");
  await expect(page.getByRole("link", { name: "All experiments" })).toBeVisible();
  expect(await page.evaluate(storedBytes)).toBe(0);
});

test("what is taken is told before, and after a refusal another place can be chosen", async ({
  page,
  browser,
}) => {
  const id = await draft({ slots: 3 }); // one of each kind
  const other = await browser.newPage();
  await joinAtOnce(other, `${server.url}/join/${id}?modality=text&auto=1&backend=wasm`);
  await ready(id);
  await joinAtOnce(page, `${server.url}/join/${id}?modality=text&auto=1&backend=wasm`);
  await expect(
    page.getByRole("alert").filter({ hasText: "places for text clients are taken" }),
  ).toBeVisible({
    timeout: 60_000,
  });
  await expect(page.getByRole("radio", { name: /Captions/ })).toBeDisabled();
  await expect(page.getByRole("radio", { name: "Any" })).toBeChecked();
  await joinButton(page).click();
  await ready(id, 2);
  await other.close();
});

test("behind a proxy that blocks web sockets a tab takes part by polling", async ({ page }) => {
  const id = await launch(server, withoutTeacher({ rounds: 1, minClients: 1 }));
  const proxy = await openProxy({ port: Number(new URL(server.url).port), sockets: false });
  await page.goto(`${proxy.url}/join/${id}?slot=1&backend=wasm`);
  await joinButton(page).click();
  const { rounds } = await follow(server.api, id, ({ status: now }) => now === "finished", {
    timeoutMs: 120_000,
  });
  expect(rounds[0].uploads).toBe(1);
  expect(proxy.upgrades()).toBeGreaterThan(0);
  await expect(page.getByText(/^Done\./)).toBeVisible();
  await proxy.close();
});

test("who joins without a connection waits for it, and is told", async ({ page }) => {
  const id = await draft();
  const proxy = await openProxy({ port: Number(new URL(server.url).port), sockets: true });
  await page.goto(`${proxy.url}/join/${id}${backend}`);
  await expect(joinButton(page)).toBeVisible();
  await page.waitForLoadState("networkidle");
  proxy.lead(false);
  await joinButton(page).click();
  await page.waitForTimeout(10_000); // longer than the tab has ever waited
  await expect(page.getByText(/trying again|cannot be reached|Loading/).first()).toBeVisible();
  proxy.lead(true);
  await ready(id);
  await expect(status(page)).toContainText("Connected");
  await proxy.close();
});

test("where no worker may start the page says so", async ({ page }) => {
  const id = await draft();
  await page.route(`**/join/${id}*`, async (route) => {
    const response = await route.fetch();
    const headers = { ...response.headers(), "content-security-policy": "worker-src 'none'" };
    await route.fulfill({ response, headers });
  });
  await page.goto(`${server.url}/join/${id}${backend}`);
  await joinButton(page).click();
  await expect(
    page.getByRole("alert").filter({ hasText: /worker|could not be loaded/ }),
  ).toBeVisible();
  await expect(joinButton(page)).toBeVisible();
});

test("without JavaScript the page says that it needs it", async ({ browser }) => {
  const id = await draft();
  const page = await browser.newPage({ javaScriptEnabled: false });
  await page.goto(`${server.url}/join/${id}`);
  await expect(page.locator("noscript p")).toBeVisible();
  await page.getByText("Details of what is sent and kept").click();
  await expect(page.getByRole("heading", { name: "Never leaves this tab" })).toBeVisible();
  await page.close();
});

test("what a study's settings do not send is not spoken of", async ({ page }) => {
  const critics = (value: string) => ({
    strategyConfig: { ...tiny().strategyConfig, critics: value },
  });
  const consentOf = async (id: string) => {
    await page.goto(`${server.url}/join/${id}`);
    return page.getByRole("list", { name: "What you agree to" }).textContent();
  };
  expect(await consentOf(await draft(critics("clients")))).toContain(
    "how much each looks like yours",
  );
  expect(await consentOf(await draft(critics("none")))).not.toContain("looks like yours");
  expect(await consentOf(await draft({ strategy: "fedavg", strategyConfig: {} }))).toContain(
    "All weights of your model",
  );
});

const command = async (id: string, method: string, path: string) =>
  expect(
    (
      await fetch(`${server.url}/api/experiments/${id}${path}`, {
        method,
        headers: { "content-type": "application/json" },
        ...(method === "POST" && { body: "{}" }),
      })
    ).ok,
  ).toBe(true);

/** Bytes of bodies as they came over the line, those of workers included. */
async function watchTraffic(page: Page) {
  const sizes: { readonly path: string; readonly bytes: number }[] = [];
  page.on("requestfinished", async (request) => {
    const { responseBodySize: bytes } = await request.sizes();
    sizes.push({ path: new URL(request.url()).pathname, bytes });
  });
  const sum = (of: typeof sizes) => of.reduce((total, { bytes }) => total + bytes, 0);
  return {
    scripts: () => sum(sizes.filter(({ path }) => path.endsWith(".js"))),
    all: () => sum(sizes),
  };
}
