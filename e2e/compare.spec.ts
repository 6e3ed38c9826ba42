import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { freePort, type ServerProcess, startServer } from "@tandem/cli/harness/server-process";
import { openStores } from "@tandem/storage/open-stores";
import { placeTestDatabase } from "@tandem/storage/testing/test-database";
import { keepFinished } from "./finished-runs";
import { test } from "./harness";
import { inAllLooks, look, violationsOf } from "./looks";

let directory = "";
let server: ServerProcess | undefined;
test.beforeAll(async () => {
  test.setTimeout(120_000);
  directory = await mkdtemp(join(tmpdir(), "tandem-compare-"));
  await placeTestDatabase(directory);
  const { store } = await openStores({ directory, environment: {} });
  const rounds = 12;
  for (const seed of [1, 2, 3])
    await keepFinished(
      store,
      `sweep-${seed}`,
      { name: `Skewed | FedMMKT seed ${seed}`, strategy: "fedmmkt", alpha: 0.1, rounds, seed },
      { last: 0.6, bytes: 40_000, group: "Skew", tags: ["paper"] },
    );
  for (const [id, strategy, last, bytes] of [
    ["alone", "local", 0.4, 2_000],
    ["averaged", "fedavg", 0.5, 900_000],
  ] as const)
    await keepFinished(
      store,
      id,
      { name: `Skewed, ${strategy}`, strategy, alpha: 0.1, rounds, seed: 1 },
      { last, bytes, tags: ["paper"] },
    );
  await store.close();
  server = await startServer({ port: await freePort(), directory });
});
test.afterAll(async () => {
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

const urlOf = (path: string) => `${server?.url}${path}`;

const tick = (page: Page, name: string | RegExp) =>
  page.getByRole("list", { name: "Experiments to choose from" }).getByLabel(name).check();

test("runs are found, chosen, pinned and exported, and a link keeps the view", async ({ page }) => {
  await page.goto(urlOf("/"));
  await page.getByRole("link", { name: "Compare" }).click();
  await expect(page.getByText("Choose experiments to compare")).toBeVisible();
  await look(page, "compare-empty");
  expect(await violationsOf(page)).toEqual([]);

  await page.getByLabel("Search").fill("skewed fedmmkt");
  await page.getByRole("button", { name: "Choose all 3" }).click();
  await page.getByLabel("Search").fill("SKEWED");
  await tick(page, /^Skewed, local/);
  await tick(page, /^Skewed, fedavg/);
  await page.getByRole("button", { name: "Pin Skewed, local as baseline" }).click();
  const results = page.getByRole("table", { name: "Results, by experiment" });
  await expect(results.getByRole("row")).toHaveCount(4);
  const seeds = results.getByRole("row", { name: /Skewed \| FedMMKT/ });
  // n, and of the difference: seed 1 alone is shared.
  await expect(seeds.getByRole("cell").first()).toHaveText("3");
  await expect(seeds).toContainText("1 pair");
  await expect(seeds).toContainText(/\d+\.\d % to \d+\.\d %/);

  await page.getByRole("radiogroup", { name: "Horizontal axis" }).getByText("Bytes").click();
  await page.getByLabel("Metric").selectOption({ label: "Accuracy, text" });
  await page.getByLabel("Smoothing").fill("0.5");
  await expect(page.getByRole("figure", { name: /^Accuracy, text, over bytes/ })).toBeVisible();
  await expect(page.getByText(/^On the front: .*Skewed \| FedMMKT/).first()).toBeVisible();
  const settings = page.getByRole("table", { name: "Settings that differ, by experiment" });
  await expect(settings.getByRole("rowheader", { name: "Strategy" })).toBeVisible();
  await expect(settings.getByRole("rowheader", { name: "Label skew" })).toHaveCount(0);
  await expect(
    page.getByText(/^\d+ settings that only some strategies have$/).first(),
  ).toBeVisible();

  await page.getByRole("radiogroup", { name: "Table as" }).getByText("Markdown").click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download Markdown" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("comparison.md");
  const markdown = await readFile(await download.path(), "utf8");
  expect(markdown).toMatch(/^\| Run .*\| +Against Skewed, local, points \|/);
  expect(markdown).toMatch(/^\| Skewed \\\| FedMMKT +\| +3 \| +\d\d\.\d ± \d\.\d \(/m);

  await expect(page).toHaveURL(
    /\?runs=sweep-[\w,-]+,alone,averaged&pinned=alone&metric=accuracy\/text&x=bytes&smooth=0\.5$/,
  );
  await look(page, "compare");
  expect(await inAllLooks(page, violationsOf)).toEqual([]);
  const before = await results.textContent();
  await page.reload();
  await expect(results).toHaveText(/1 pair/);
  expect(await results.textContent()).toBe(before);
  await expect(page.getByRole("figure", { name: /^Accuracy, text, over bytes/ })).toBeVisible();
  await expect(page.getByLabel("Smoothing")).toHaveValue("0.5");
  await expect(page.getByRole("button", { name: "Pin Skewed, local as baseline" })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
});

test("a link names what is not there, and keys alone take it out", async ({ page }) => {
  await page.goto(urlOf(`/compare?runs=alone,nobody,a%20b&pinned=nobody&seeds=apart`));
  const gone = page.getByRole("alert").filter({ hasText: "no experiment nobody or a b" });
  await expect(gone).toBeVisible();
  await expect(page.getByText(/baseline of this link is not among/)).toBeVisible();
  await gone.getByRole("button", { name: "Remove from the view" }).focus();
  await page.keyboard.press("Enter");
  await expect(gone).toBeHidden();
  await page.getByLabel("Search").fill("fedavg");
  await page.keyboard.press("Tab");
  for (let presses = 0; presses < 6; presses++) {
    if (await page.getByLabel(/^Skewed, fedavg/).evaluate((e) => e === document.activeElement))
      break;
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Space");
  await expect(
    page.getByRole("table", { name: "Results, by experiment" }).getByRole("row"),
  ).toHaveCount(3);
  await page.getByRole("button", { name: "Pin Skewed, fedavg as baseline" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByText(/baseline of this link is not among/)).toBeHidden();
  await expect(page).toHaveURL(/\?runs=alone,averaged&pinned=averaged&seeds=apart$/);
  await page.getByRole("link", { name: "Compare" }).click();
  await expect(page.getByText("Choose experiments to compare")).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("table", { name: "Results, by experiment" })).toBeVisible();
});
