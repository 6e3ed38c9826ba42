import { expect, type Page } from "@playwright/test";
import { sharedServer, test, tiny } from "./harness";
import { look, violationsOf } from "./looks";

const server = sharedServer();
const steps = ["Task", "Strategy", "Rounds and participants", "Advanced", "Review"] as const;

const open = (page: Page, query = "") => page.goto(`${server.url}/experiments/new${query}`);
const field = (page: Page, label: string) => page.getByLabel(label, { exact: true });
const go = (page: Page, step: (typeof steps)[number]) =>
  page.getByRole("navigation", { name: "Steps" }).getByRole("button", { name: step }).click();
const create = (page: Page) => page.getByRole("button", { name: "Create experiment" });

test("each step fits one screen, and axe finds nothing on a phone in the dark either", async ({
  page,
}) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await open(page);
  await field(page, "Name").fill("Looked at");
  const heights: Record<string, number> = {};
  const measure = async (name: string) => {
    heights[name] = await page.evaluate(() => document.documentElement.scrollHeight);
  };
  for (const step of steps) {
    await go(page, step);
    await expect(page.getByRole("heading", { level: 2, name: step })).toBeFocused();
    await measure(step);
    if (step === "Advanced")
      for (const group of await page.getByRole("radiogroup").getByRole("radio").all()) {
        await group.check({ force: true });
        await measure(`${step}, ${await group.locator("..").textContent()}`);
      }
    await look(page, step);
    expect(await violationsOf(page), step).toEqual([]);
  }
  expect(Object.entries(heights).filter(([, height]) => height > 900)).toEqual([]);

  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  for (const step of steps) {
    await go(page, step);
    await expect(page.getByRole("heading", { level: 2, name: step })).toBeFocused();
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width, step).toBeLessThanOrEqual(390);
    expect(await violationsOf(page), step).toEqual([]);
  }
});

test("a draft is back after Back and a reload, until it is discarded", async ({ page }) => {
  await page.goto(server.url);
  await open(page);
  await expect(page.getByText("Draft kept in this browser.")).toHaveCount(0);
  await field(page, "Name").fill("Begun");
  await page.getByRole("radio", { name: /^Quick look/ }).check();
  await expect(page.getByRole("status").filter({ hasText: "Sets Rounds 2" })).toBeVisible();
  await go(page, "Rounds and participants");
  await expect(field(page, "Rounds")).toHaveValue("2");
  await field(page, "Rounds").fill("7x");
  await page.goBack();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Experiments");
  await page.goForward();
  await expect(field(page, "Rounds")).toHaveValue("7x");
  await page.reload();
  await expect(field(page, "Rounds")).toHaveValue("7x");
  await page.getByRole("button", { name: "Discard draft" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Discard draft" }).click();
  await expect(field(page, "Name")).toHaveValue("");
  await page.reload();
  await expect(field(page, "Name")).toHaveValue("");
  await go(page, "Rounds and participants");
  await expect(field(page, "Rounds")).toHaveValue("5");
});

test("mistakes are at their fields, in the form's words, and Create leads to the first", async ({
  page,
}) => {
  await open(page);
  await expect(page.getByText("Still needed: Name")).toBeVisible();
  await go(page, "Rounds and participants");
  await field(page, "Clients to start").fill("5");
  await field(page, "Places").fill("2");
  await page.getByText("Still needed: Name").click();
  await expect(field(page, "Name")).toBeFocused();
  await page.keyboard.type("Crowded");
  await go(page, "Advanced");
  await page.getByLabel("Search all settings").fill("fineTuneBatch");
  await field(page, "Fine-tuning batch").fill("0");
  await create(page).click();
  const clients = field(page, "Clients to start");
  await expect(clients).toBeFocused();
  const words = "5 clients do not fit into 2 places: lower this, or raise “Places”.";
  await expect(clients).toHaveAccessibleDescription(new RegExp(words));
  await expect(page.getByText("minClients")).toHaveCount(0);
  await field(page, "Places").fill("5");
  await expect(clients).toHaveAttribute("aria-invalid", "false");
  await create(page).click();
  await expect(field(page, "Fine-tuning batch")).toBeFocused();
  await expect(field(page, "Fine-tuning batch")).toHaveAccessibleDescription(
    /Must be at least 1\./,
  );
  await go(page, "Review");
  await expect(page.getByText("Advanced, Fine-tuning batch:")).toBeVisible();
  expect(await violationsOf(page)).toEqual([]);
  await page.getByRole("button", { name: "Fix", exact: true }).click();
  await field(page, "Fine-tuning batch").fill("4");
  await create(page).click();
  await expect(page.getByRole("heading", { level: 1, name: "Crowded" })).toBeVisible();
  await open(page);
  await expect(field(page, "Name")).toHaveValue("");
});

test("another experiment's settings are filled in, and keys alone create the copy", async ({
  page,
}) => {
  const { id } = await server.api.create(tiny({ name: "First", seed: 41, slots: 7 }));
  const { config } = await server.api.view(id);
  await open(page, `?from=${id}`);
  await expect(field(page, "Name")).toHaveValue("First (copy)");
  await expect(page.getByRole("radio", { name: /^Copy/ })).toBeChecked();
  await field(page, "Name").focus();
  for (const step of steps.slice(1)) {
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 2, name: step })).toBeFocused();
    if (step === "Rounds and participants") await expect(field(page, "Seed")).toHaveValue("41");
    for (let presses = 0; step !== "Review" && presses < 60; presses++) {
      await page.keyboard.press("Tab");
      if (await page.getByRole("button", { name: "Next" }).evaluate(isFocused)) break;
    }
  }
  for (let presses = 0; presses < 30; presses++) {
    await page.keyboard.press("Tab");
    if (await create(page).evaluate(isFocused)) break;
  }
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "First (copy)" })).toBeVisible();
  const made = await server.api.view(new URL(page.url()).pathname.split("/").at(-1) ?? "");
  expect(made.config).toEqual({ ...config, name: "First (copy)" });
});

const isFocused = (element: Element) => element === document.activeElement;

test("the estimate follows the form, and says what it stands on", async ({ page }) => {
  await open(page);
  const panel = page.getByRole("region", { name: "Estimate" });
  await expect(panel).toContainText("With all 12 places taken.");
  const before = await panel.textContent();
  await page.getByRole("radio", { name: /^Quick look/ }).check();
  await expect(panel).toContainText("With all 6 places taken.");
  expect(await panel.textContent()).not.toBe(before);
  await panel.getByText("What it counts on").click();
  await expect(panel.getByText(/two cores of an AMD EPYC/)).toBeVisible();
});

test("an experiment is repeated with other values and seeds, as one group", async ({ page }) => {
  await open(page);
  await field(page, "Name").fill("Swept");
  await go(page, "Review");
  await page.getByText("Repeat with other values").click();
  await page.getByRole("button", { name: "Add a setting" }).click();
  await page.getByLabel("Setting 1").selectOption({ label: "Label skew α" });
  await field(page, "Values of Label skew α").fill("0.1, x");
  await expect(field(page, "Values of Label skew α")).toHaveAccessibleDescription(
    /“x” is not a number/,
  );
  await field(page, "Values of Label skew α").fill("0.1, 100");
  await page.getByLabel("Seeds", { exact: true }).fill("1, 2");
  await expect(page.getByText("Makes 4 experiments in one group.")).toBeVisible();
  await look(page, "Sweep");
  expect(await violationsOf(page)).toEqual([]);
  await page.reload();
  await page.getByRole("button", { name: "Create 4 experiments" }).click();
  await expect(page).toHaveURL(/\/\?group=Swept$/);
  const { config } = await server.api.view(await idOf(page, "Swept: alpha 100, seed 2"));
  expect(config).toMatchObject({ alpha: 100, seed: 2, dataset: "emoji-style" });

  await open(page);
  await field(page, "Name").fill("Swept");
  await go(page, "Review");
  await page.getByText("Repeat with other values").click();
  await page.getByLabel("Seeds", { exact: true }).fill("1, 2");
  await page.getByRole("button", { name: "Create 2 experiments" }).click();
  await expect(field(page, "Name")).toBeFocused();
  await expect(field(page, "Name")).toHaveAccessibleDescription(/a group Swept already/);
});

async function idOf(page: Page, name: string): Promise<string> {
  const all = await page.evaluate(
    async (url) => (await fetch(url)).json() as Promise<{ id: string; config: { name: string } }[]>,
    `${server.url}/api/experiments?group=Swept`,
  );
  expect(all).toHaveLength(4);
  return all.find(({ config }) => config.name === name)?.id ?? "";
}
