import { expect, type Page } from "@playwright/test";
import { ownServer, test } from "./harness";
import { fillLongRun, longRun } from "./long-run";
import { inAllLooks, look, violationsOf } from "./looks";

const server = ownServer({ fill: fillLongRun });
const address = () => `${server.url}/experiments/${longRun.id}`;

const sizeOf = (page: Page) =>
  page.evaluate(() => ({
    nodes: document.querySelectorAll("body *").length,
    height: document.documentElement.scrollHeight,
  }));

test("300 rounds and 200 clients are a page of bounded size, whose parts are all there", async ({
  page,
}) => {
  const sheets: string[] = [];
  page.on("request", (request) => {
    if (/\.png/.test(request.url())) sheets.push(request.url());
  });
  await page.setViewportSize({ width: 1440, height: 900 });
  const start = performance.now();
  await page.goto(address());
  await expect(page.getByText(`Finished after ${longRun.rounds} rounds.`)).toBeVisible();
  await expect(page.locator("canvas").first()).toBeVisible();
  console.log(`opened after ${Math.round(performance.now() - start)} ms`);
  expect(sheets).toEqual([]);

  const legend = page.getByRole("list", { name: "Client accuracy: lines and their latest values" });
  await expect(legend.getByRole("listitem")).toHaveText([
    /^All clients/,
    /^Image/,
    /^Text/,
    /^Image and text/,
    /^Local only/,
  ]);
  await expect(page.getByText(/over local only$/)).toBeVisible();
  await expect(page.getByRole("link", { name: "Each alone" })).toBeVisible();
  await expect(page.getByText("Live", { exact: true })).toHaveCount(0);

  await page.getByRole("button", { name: "Each client" }).click();
  await expect(page.getByText(/^1\d\d thin lines, one a client/)).toBeVisible();
  const slider = page.getByRole("slider", { name: "Smoothing" });
  await slider.focus();
  await page.keyboard.press("End");
  await expect(slider).toHaveAttribute("aria-valuetext", "95 %");

  const { nodes, height } = await sizeOf(page);
  console.log(`${nodes} elements, ${height} px`);
  expect(nodes).toBeLessThan(2000);
  expect(height).toBeLessThan(6000);
});

test("a chart is read, zoomed and reset with keys", async ({ page }) => {
  await page.goto(address());
  const chart = page.getByRole("region", { name: "Client accuracy: chart" });
  await expect(chart.locator("canvas")).toBeVisible();
  await chart.focus();
  await page.keyboard.press("ArrowLeft");
  await expect(chart.getByRole("status")).toHaveText(/^Round 300: All clients \d/);
  await page.keyboard.press("ArrowLeft");
  await expect(chart.getByRole("status")).toHaveText(/^Round 299: All clients \d/);
  await page.keyboard.press("+");
  await expect(chart.getByText("Rounds 150 to 300")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(chart.getByText(/^Rounds /)).toHaveCount(0);
  const box = await chart.locator("canvas").boundingBox();
  if (!box) throw new Error("the chart is not drawn");
  await page.mouse.move(box.x + box.width / 2, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 140, box.y + 60, { steps: 4 });
  await page.mouse.up();
  await expect(chart.getByText(/^Rounds 1\d\d to 2\d\d/)).toBeVisible();
  await chart.getByRole("button", { name: "Show all rounds" }).click();
  await expect(chart.getByText(/^Rounds /)).toHaveCount(0);
});

test("rounds, clients and events are led through a page at a time", async ({ page }) => {
  await page.goto(address());
  const timeline = page.getByRole("region", { name: "Each round’s phases" });
  await timeline.scrollIntoViewIfNeeded();
  await expect(timeline.getByText("Round 300", { exact: true })).toBeInViewport();
  await timeline.evaluate((element) => element.scrollTo({ top: 0 }));
  await expect(timeline.getByText("Round 1", { exact: true })).toBeAttached();

  const clients = page.getByRole("region", { name: "Table of clients" });
  await expect(clients.getByRole("row")).toHaveCount(21);
  await page.getByRole("searchbox", { name: "Find a client" }).fill("Guest 199");
  await expect(clients.getByRole("cell", { name: /^Guest 199/ })).toBeVisible();
  await expect(clients.getByRole("row")).toHaveCount(2);

  await page.getByText("Event log").click();
  const events = page.getByRole("list", { name: "Events, the latest first" });
  await expect(events.getByRole("listitem").first()).toContainText("The round was scored");
  await page.getByRole("radio", { name: "Refused and failed" }).check({ force: true });
  await expect(events.getByRole("listitem").first()).toContainText(
    /could not answer: out of memory/,
  );
  await page.getByRole("radio", { name: "Everything" }).check({ force: true });
  await page.getByRole("button", { name: "Load older events" }).click();
  await expect(events.getByRole("listitem").first()).toContainText(/answered$/);

  await page.getByRole("button", { name: "Show as table" }).first().click();
  const table = page.getByRole("table", { name: "Client accuracy by round" });
  await expect(table.getByRole("rowheader").first()).toHaveText("300");
  await expect(table.getByRole("row")).toHaveCount(51);
});

test("pictures are fetched when they come into sight, by round and prompt", async ({ page }) => {
  const sheets: string[] = [];
  page.on("request", (request) => {
    if (/lessons\.png|sheet\.png/.test(request.url())) sheets.push(request.url());
  });
  await page.goto(address());
  const grid = page.getByRole("region", { name: "Pictures by prompt and round" });
  await grid.scrollIntoViewIfNeeded();
  await expect(grid.getByRole("columnheader").last()).toHaveText("Round 300");
  const cell = grid.getByRole("img", { name: "“red apple”, after round 300" });
  await expect(cell).toHaveAttribute("aria-busy", "false");
  await expect(cell).toHaveCSS("background-image", /lessons\.png/);
  const scrubber = page.getByRole("slider", { name: "Round of the lessons" });
  await scrubber.focus();
  await page.keyboard.press("Home");
  await expect(grid.getByRole("columnheader").nth(2)).toHaveText("Round 1");
  await grid.getByRole("button", { name: "Compare “blue fish”" }).click();
  const slider = page.getByRole("slider", { name: /“blue fish” is shown as after round 1$/ });
  await slider.focus();
  await page.keyboard.press("End");
  await expect(slider).toHaveAttribute("aria-valuetext", "0 % after, 100 % before");
  expect(new Set(sheets).size).toBe(sheets.length);
  expect(sheets.every((url) => /pictures=\w{16}/.test(url))).toBe(true);
});

test("it has no barrier in either theme and width, and looks as it should", async ({ page }) => {
  await page.goto(address());
  await expect(page.locator("canvas").first()).toBeVisible();
  await page.getByText("Event log").click();
  await look(page, "live-long");
  expect(await inAllLooks(page, violationsOf)).toEqual([]);
});

test("deleted elsewhere, it says so and offers nothing to start", async ({ page }) => {
  const { id } = await server.api.create({ name: "Short-lived", strategy: "fd" } as never);
  await page.goto(`${server.url}/experiments/${id}`);
  await expect(page.getByText("Live", { exact: true })).toBeVisible();
  await look(page, "live-draft");
  await fetch(`${server.url}/api/experiments/${id}`, { method: "DELETE" });
  await expect(page.getByRole("main").getByRole("alert")).toContainText(
    "This experiment has been deleted",
  );
  await expect(page.getByRole("button", { name: "Start" })).toHaveCount(0);
});
