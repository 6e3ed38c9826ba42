import { readFile } from "node:fs/promises";
import { expect, type Locator, type Page } from "@playwright/test";
import { startFleet } from "@tandem/cli/fleet/tabs";
import { unzipSync } from "fflate";
import { sharedServer, test } from "./harness";

const server = sharedServer();

const small = {
  Rounds: "1",
  "Local epochs": "1",
  "Synthetic set": "16",
  "Sampling steps": "2",
  "Fine-tuning steps": "2",
  "Fine-tuning batch": "4",
  "Evaluated pictures": "8",
};

test("an experiment made with the form runs, and its page follows", async ({ page, browser }) => {
  await page.goto(server.url);
  await page.goto(`${server.url}/experiments/new`);
  await page.getByLabel("Name", { exact: true }).fill("Made by hand");
  await page.getByRole("button", { name: "Advanced" }).click();
  const set = async (label: string) => {
    await page.getByLabel("Search all settings").fill(label);
    return page.getByLabel(label, { exact: true });
  };
  for (const [label, value] of Object.entries(small)) await (await set(label)).fill(value);
  // So few pictures tell critics nothing, and the teacher would learn nothing.
  await (await set("Critics")).selectOption("none");
  await page.getByRole("button", { name: "Create experiment" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Made by hand" })).toBeVisible();
  await page.getByRole("button", { name: "Start" }).click();
  await expect(page.getByText("Waiting for clients: 0 here, 2 needed")).toBeVisible();

  const fleet = await startFleet({
    url: server.url,
    experiment: idOf(page),
    clients: [0, 1].map((slot) => ({ slot, backend: "wasm", name: `Guest ${slot}` })),
    browser,
  });
  await expect(page.getByRole("cell", { name: /^Guest 0/ })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText("Finished after 1 round.")).toBeVisible({ timeout: 150_000 });
  await expect(page.getByRole("img", { name: /\w/ }).first()).toBeVisible();
  await fleet.close();
  const lessons = page.getByRole("region", { name: "Pictures by prompt and round" });
  await expect(lessons.getByRole("columnheader")).toHaveText(["Prompt", "Before", "Round 1"]);
  await expect(lessons.getByRole("img", { name: /after round 1$/ })).toHaveCount(8);
  for (const title of ["Styles of the teacher’s pictures", "Accuracy by part of the test"]) {
    const panel = page.getByRole("region", { name: title, exact: true });
    await panel.getByRole("button", { name: "Show as table" }).click();
    await expect(
      panel.getByRole("table", { name: `${title} by round` }).getByRole("columnheader"),
    ).toHaveText(["Round", "fluent-emoji-flat", "noto", "openmoji", "twemoji"]);
  }

  const link = page.getByRole("link", { name: "Download adapter of round 1" });
  const [download] = await Promise.all([page.waitForEvent("download"), link.press("Enter")]);
  expect(download.suggestedFilename()).toBe("Made-by-hand-round-1-adapter.zip");
  expect(Object.keys(unzipSync(await readFile(await download.path()))).sort()).toEqual([
    "adapter_config.json",
    "adapter_model.safetensors",
    "pytorch_lora_weights.safetensors",
  ]);
});

test("keys alone create and start an experiment", async ({ page }) => {
  await page.goto(`${server.url}/experiments/new`);
  await tabTo(page, page.getByLabel("Name", { exact: true }));
  await page.keyboard.type("Keys only");
  await tabTo(page, page.getByRole("button", { name: "Create experiment" }));
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Keys only" })).toBeVisible();
  await tabTo(page, page.getByRole("button", { name: "Start" }));
  await page.keyboard.press("Enter");
  await expect(page.getByText(/^Waiting for clients/)).toBeVisible();
});

/** Presses Tab until this control has the focus. */
async function tabTo(page: Page, control: Locator): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press("Tab");
    if (await control.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error(`80 tabs did not reach ${control}`);
}

const idOf = (page: Page): string => new URL(page.url()).pathname.split("/").at(-1) ?? "";
