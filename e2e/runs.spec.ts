import { expect, type Page } from "@playwright/test";
import { sharedServer, test, withoutTeacher } from "./harness";
import { inAllLooks, look, violationsOf } from "./looks";

const server = sharedServer();
const { name: _, ...base } = withoutTeacher({ rounds: 3, slots: 2, minClients: 1 });
const row = (page: Page, name: string) => page.getByRole("row").filter({ hasText: name });

test("a sweep is one group; runs are found, marked with a way back, compared and cloned", async ({
  page,
}) => {
  const made = await server.api.sweep({
    ...{ name: "Skewed leaves", base, grid: { alpha: [0.1, 10] }, seeds: [1, 2] },
  });
  const single = await server.api.create({ ...base, name: "Leaves alone" });
  await page.goto(server.url);

  // 1. Found by words; the address keeps it.
  await page.getByRole("searchbox", { name: "Search" }).fill("leaves");
  await expect(page).toHaveURL(/\?q=leaves$/);
  await expect(page.getByRole("status").filter({ hasText: "5 experiments" })).toBeVisible();
  const group = page.getByRole("button", { name: "Skewed leaves", exact: true });
  await expect(row(page, "4 runs of 2 settings")).toContainText("4 drafts");
  await page.getByRole("button", { name: "Name" }).click();
  await expect(page).toHaveURL(/sort=name/);
  await expect(page.getByRole("columnheader", { name: "Name" })).toHaveAttribute(
    "aria-sort",
    "ascending",
  );

  // 2. A group opens by the keyboard, and shows its settings with their runs.
  await group.focus();
  await page.keyboard.press("Enter");
  await expect(row(page, "Skewed leaves: alpha 10, seed 2")).toBeVisible();
  await page.getByRole("checkbox", { name: "Select alpha 0.1", exact: true }).check();
  await page.getByRole("checkbox", { name: "Select Leaves alone" }).check();
  const compared = [...made.slice(0, 2), single].map(({ id }) => id);
  const bar = page.getByRole("region", { name: "Selected experiments" });
  const compare = bar.getByRole("link", { name: "Compare" });
  const runs = new URL((await compare.getAttribute("href")) ?? "", server.url).searchParams;
  expect(runs.get("runs")?.split(",").sort()).toEqual(compared.sort());
  expect(await inAllLooks(page, violationsOf)).toEqual([]);
  await look(page, "runs");

  // 3. What is done to several is undone.
  await page.getByRole("button", { name: "Tag", exact: true }).click();
  await page.getByLabel("Add a tag").fill("To keep");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(row(page, "Leaves alone")).toContainText("To keep");
  await page.getByRole("button", { name: "Archive", exact: true }).click();
  await expect(row(page, "Leaves alone")).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).first().click();
  await expect(row(page, "Leaves alone")).toContainText("To keep");

  // 4. Tags lead to what has them.
  await row(page, "Leaves alone")
    .getByRole("link", { name: /tag To keep/ })
    .click();
  await expect(page).toHaveURL(/\?tag=To/);
  await expect(page.getByRole("status").filter({ hasText: "3 experiments" })).toBeVisible();

  // 5. One is started from the list, gets more rounds and is cloned.
  await page.getByRole("button", { name: "Start Leaves alone" }).click();
  await expect(row(page, "Leaves alone")).toContainText("Running");
  await page.getByRole("link", { name: "Leaves alone" }).click();
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Add rounds" }).click();
  await page.getByLabel("Rounds to add").fill("4");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await expect(page.getByText("It has 7 rounds now")).toBeVisible();
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Clone" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Leaves again");
  await page.getByRole("dialog").getByLabel("Rounds").fill("9");
  await page.getByRole("button", { name: "Create clone" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Leaves again" })).toBeVisible();
  const id = page.url().split("/").at(-1) ?? "";
  const { config, tags } = await server.api.view(id);
  expect([config.rounds, config.seed, tags]).toEqual([9, 1, ["To keep"]]);
});

test("an address that the list does not know says so, and leads back", async ({ page }) => {
  await page.goto(`${server.url}/?status=lost`);
  await expect(page.getByRole("alert").filter({ hasText: "status" })).toBeVisible();
  await page.getByRole("link", { name: "Clear filters" }).click();
  await expect(page).toHaveURL(`${server.url}/`);
  await expect(page.getByRole("heading", { level: 1, name: "Experiments" })).toBeVisible();
});
