import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { fruit, fruitSet } from "@tandem/datasets/testing/fruit-task";
import { taskZip } from "@tandem/intake/task/write-task";
import type { PreparationView, TaskUploadView, TaskView } from "@tandem/protocol/view";
import { ownServer } from "./harness";
import { smallFiles, writeLayers } from "./small-backbone";

const server = ownServer();
type Own = Extract<TaskView, { readonly data: "own" }>;

async function rest<T>(method: string, path: string, body?: Uint8Array | object): Promise<T> {
  const sent = body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body);
  const response = await fetch(`${server.url}/api/${path}`, { method, body: sent });
  expect(response.ok, await response.clone().text()).toBe(true);
  return (await response.json()) as T;
}
const look = (id: string) => rest<Own>("GET", `tasks/${id}`);
const idOf = (page: Page) => new URL(page.url()).pathname.split("/").at(-1) ?? "";

async function define(name: string): Promise<string> {
  const task = { ...fruit, name, prompts: { kind: "words", attributes: [] } } as const;
  const zip = taskZip(task, { public: fruitSet(6), test: fruitSet(3) });
  const { task: made } = await rest<TaskUploadView>("POST", "tasks/import", zip);
  return made.id;
}

const step = (page: Page, title: string) =>
  page.getByRole("navigation", { name: "Steps" }).getByRole("button", { name: title }).click();
const next = (page: Page) => page.getByRole("button", { name: "Next" }).click();

async function violationsOf(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(", ")}`,
  );
}

test("a task is edited until an experiment is on it, and then copied", async ({ page }) => {
  const id = await define("Fruit");
  await page.goto(`${server.url}/tasks/${id}`);
  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Fruit of the garden");
  await step(page, "Classes");
  await expect(page.getByText(/public set and test set were read for/)).toBeVisible();
  await expect(page.getByLabel("Class 1", { exact: true })).toHaveAttribute("readonly");
  await page.getByLabel("Words for it, class 2").fill("pear, conference");
  await step(page, "Server's data");
  expect(await violationsOf(page)).toEqual([]);
  await page
    .getByRole("region", { name: "Test set" })
    .getByRole("button", { name: "Remove" })
    .click();
  await expect(page.getByText("6 samples will be taken out of the task")).toBeVisible();

  await step(page, "Teacher");
  await page.getByRole("radio", { name: "Clothes, one caption in four wrong" }).check();
  await page.getByRole("button", { name: "Add attributes" }).click();
  await expect(page.getByLabel("Attributes 1", { exact: true })).toBeFocused();
  await page.keyboard.type("red, green, Red");
  await next(page);
  await expect(page.getByText('The attribute "Red" comes twice.')).toBeVisible();
  await page.getByLabel("Attributes 1", { exact: true }).fill("red, green");
  await expect(page.getByText("4 prompts", { exact: true })).toBeVisible();
  await expect(page.getByRole("list", { name: "Prompts" })).toContainText("green pear");
  const sheet = page.getByRole("img", { name: /caption in four wrong paints for: red apple; / });
  await page.getByRole("button", { name: "Paint: Clothes, one caption in four wrong" }).click();
  await expect(sheet).toBeVisible({ timeout: 30_000 });
  expect(await violationsOf(page)).toEqual([]);
  await page.reload();
  await expect(page.getByLabel("Attributes 1", { exact: true })).toHaveValue("red, green");
  await expect(sheet).toBeVisible(); // kept

  await next(page);
  await expect(page.getByText("None: it is taken out of the task")).toBeVisible();
  await page.getByRole("button", { name: "Save the task" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Fruit of the garden" })).toBeVisible();
  const { task, publicSet, ...others } = await look(id);
  expect(task).toMatchObject({
    name: "Fruit of the garden",
    classes: [fruit.classes[0], { name: "pear", words: ["pear", "conference"] }],
    prompts: { kind: "words", attributes: [["red", "green"]] },
    teacher: { kind: "shipped", checkpoint: "fmnist" },
  });
  expect(publicSet?.samples).toBe(12);
  expect(others).not.toHaveProperty("test");

  await rest("POST", "experiments", { name: "Trial", strategy: "fedavg", dataset: id });
  await page.reload();
  await expect(page.getByRole("link", { name: "Edit" })).toHaveCount(0);
  await page.goto(`${server.url}/tasks/${id}/edit`);
  await expect(page.getByText(/“Trial” uses this task/)).toBeVisible();
  await page.getByRole("link", { name: "Make a copy" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Fruit again");
  await step(page, "Review");
  await expect(page.getByText("12 samples, as before, CC0-1.0")).toBeVisible();
  await page.getByRole("button", { name: "Create the task" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Fruit again" })).toBeVisible();
  expect(await look(idOf(page))).toMatchObject({ publicSet: { samples: 12 }, experiments: [] });
});

test("a model is offered once this browser has tried it, as a backbone or to be trained", async ({
  page,
}) => {
  await writeLayers(join(server.directory, "backbones/small"), smallFiles());
  await writeLayers(join(server.directory, "backbones/odd"), smallFiles("Attention9000"));
  await page.goto(`${server.url}/tasks/new?from=${await define("Seen")}`);
  await step(page, "Models");
  await page.getByRole("radio", { name: "odd" }).check();
  await next(page);
  await expect(page.getByText("Check the model first")).toBeVisible();
  await page.getByRole("button", { name: "Check it" }).click();
  await expect(page.getByRole("alert").filter({ hasText: "Attention9000" })).toBeVisible();
  expect(await violationsOf(page)).toEqual([]);
  await page.getByRole("radio", { name: /^small/ }).check();
  await page.getByLabel("Pixels a side").fill("48");
  await page.getByRole("button", { name: "Check it" }).click();
  await expect(page.getByText("It can be used: 6 features of 48 × 48 pixels.")).toBeVisible();
  await step(page, "Review");
  await page.getByRole("button", { name: "Create the task" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Seen", exact: true })).toBeVisible();
  await expect(page.getByText("6 features of 48 × 48 pixels")).toBeVisible();
  const id = idOf(page);
  expect((await look(id)).task.backbone).toMatchObject({
    url: "/backbones/small/model.json",
    size: 48,
    features: 6,
  });

  await page.goto(`${server.url}/tasks/${id}/edit`);
  await step(page, "Models");
  await expect(page.getByRole("radio", { name: "Learn from its features" })).toBeChecked();
  await page.getByRole("radio", { name: "Train it" }).check({ force: true });
  await page.getByRole("button", { name: "Check it" }).click();
  await expect(page.getByText("168 of its numbers are trained.")).toBeVisible();
  expect(await violationsOf(page)).toEqual([]);
  await step(page, "Review");
  await page.getByRole("button", { name: "Save the task" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Seen", exact: true })).toBeVisible();
  await expect(page.getByText("168 of its numbers are trained")).toBeVisible();
  expect((await look(id)).task).toMatchObject({ encoder: { parameters: 168, size: 48 } });
});

test("a base is trained from the task's page, is stopped, goes on, and becomes the teacher", async ({
  page,
}) => {
  await page.goto(`${server.url}/tasks/new?from=${await define("Own base")}`);
  await step(page, "Teacher");
  await page.getByRole("radio", { name: "One of the study's own" }).check();
  await step(page, "Review");
  await page.getByRole("button", { name: "Create the task" }).click();
  const panel = page.getByRole("region", { name: "A teacher of its own" });
  await expect(panel).toBeInViewport();
  const id = idOf(page);
  expect((await look(id)).task.teacher).toEqual({ kind: "none" });

  await panel.getByRole("button", { name: "Train a base" }).click();
  await expect(panel.getByText("It is learning from the public pictures.")).toBeVisible({
    timeout: 30_000,
  });
  await expect(panel.getByRole("progressbar", { name: "Training of the base" })).toBeVisible();
  await expect(panel.getByText(/samples\/s/)).toBeVisible();
  await panel.getByRole("button", { name: "Stop" }).click();
  await expect(panel.getByText(/^Stopped at \d+ ?%\./)).toBeVisible({ timeout: 30_000 });
  expect(await violationsOf(page)).toEqual([]);
  // The panel counts in minutes; a few steps are enough here.
  const { step: before = 0 } = await rest<PreparationView>("GET", `tasks/${id}/prepare`);
  await page.route("**/prepare", (route) =>
    route.request().method() === "POST"
      ? route.continue({ postData: JSON.stringify({ steps: before + 2 }) })
      : route.continue(),
  );
  await panel.getByRole("button", { name: "Resume" }).click();
  await expect(panel.getByText("Done: it can be the task's teacher.")).toBeVisible({
    timeout: 60_000,
  });
  await expect(panel.getByRole("img", { name: /What the base paints/ })).toBeVisible();
  await panel.getByRole("button", { name: "Use this base as the teacher" }).click();
  await expect(panel.getByText("It is the task's teacher.")).toBeVisible();
  expect((await look(id)).task.teacher).toEqual({ kind: "trained" });
  await page.getByRole("button", { name: "Paint: For this task" }).click();
  await expect(page.getByRole("img", { name: /paints for: apple; pear/ })).toBeVisible({
    timeout: 30_000,
  });
  // As it is, the base stays with the task; with other words it would have to learn again.
  await page.getByRole("link", { name: "Edit" }).click();
  await step(page, "Teacher");
  const own = page.getByRole("radio", { name: "One of the study's own" });
  await expect(own).toBeChecked();
  await expect(page.getByText("The base that this server has trained")).toBeVisible();
  await step(page, "Review");
  await page.getByRole("button", { name: "Save the task" }).click();
  await expect(panel.getByText("It is the task's teacher.")).toBeVisible();
});
