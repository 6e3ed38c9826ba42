import { expect } from "@playwright/test";
import { sharedServer, test } from "./harness";
import { barriersOf, inAllLooks } from "./looks";

const server = sharedServer();

test("the docs are searched, followed and copied from with the keyboard alone", async ({
  page,
  context,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(`${server.url}/docs`);
  await page.keyboard.press("/");
  const search = page.getByRole("combobox", { name: "Search the docs" });
  await expect(search).toBeFocused();
  await page.keyboard.type("quorum deadl");
  await expect(page.getByRole("option").first()).toContainText("quorum");
  await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("option", { selected: true })).toHaveCount(1);
  expect(await barriersOf(page)).toEqual([]);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/docs\/settings#quorum$/);
  await expect(page.getByRole("heading", { name: "quorum" })).toBeInViewport();

  await page.goto(`${server.url}/docs/quick-start`);
  await page.getByRole("button", { name: "Copy" }).first().focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("button", { name: "Copied" })).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("npm run demo");
  await page.getByRole("link", { name: "Next Join with your own pictures" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Join with your own pictures");
});

test("the docs need no JavaScript, and say where there is nothing", async ({ browser }) => {
  const page = await browser.newPage({ javaScriptEnabled: false });
  await page.goto(`${server.url}/docs`);
  await page.getByRole("combobox").fill("label skew");
  await page.getByRole("combobox").press("Enter");
  await expect(page).toHaveURL(/\/docs\/search\?q=label\+skew$/);
  await page.getByRole("main").getByRole("link", { name: /alpha/ }).first().click();
  await expect(page).toHaveURL(/\/docs\/settings#alpha$/);
  expect((await page.goto(`${server.url}/docs/nothing`))?.status()).toBe(404);
  await page.close();
});

test("a page of the docs has no serious barrier, and does not scroll sideways", async ({
  page,
}) => {
  await page.goto(`${server.url}/docs/concepts`);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  expect(await inAllLooks(page, barriersOf)).toEqual([]);
});
