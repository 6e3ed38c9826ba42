import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { chromium, expect, type Page, test } from "@playwright/test";
import { chromiumFlags, chromiumPath } from "@tandem/cli/fleet/chromium";
import { follow } from "@tandem/cli/harness/rest-client";
import { unzipSync } from "fflate";
import sharp from "sharp";
import { launch, ownServer, storedBytes, tiny } from "./harness";

const server = ownServer();
const section = (page: Page, name: string) => page.getByRole("region", { name, exact: true });

/** A red disc on white, as a phone would take it. */
const picture = (size: number) =>
  sharp(
    Buffer.from(
      `<svg width="${size}" height="${size}"><rect width="100%" height="100%" fill="#fff"/><circle cx="50%" cy="50%" r="40%" fill="#d22"/></svg>`,
    ),
  )
    .jpeg()
    .toBuffer();

test("the model is the participant's: measured, tried, taken along, found again and deleted", async ({
  browser,
}) => {
  const experiment = await launch(
    server,
    tiny({
      name: "Yours",
      strategy: "local",
      rounds: 2,
      minClients: 1,
      strategyConfig: { localEpochs: 4, warmUpEpochs: 8 },
    }),
  );
  const context = await browser.newContext({ reducedMotion: "reduce" });
  const page = await context.newPage();
  await page.goto(`${server.url}/join/${experiment}?auto=1&backend=wasm&slot=0`);
  await follow(server.api, experiment, ({ status }) => status === "finished", {
    timeoutMs: 90_000,
  });

  const own = section(page, "Your model");
  const terms = own.getByRole("term");
  await expect(terms).toHaveText([
    "After its first round",
    "Now, after 2 rounds",
    "Alone, as many rounds",
  ]);
  const numbers = own.getByRole("definition");
  await expect(numbers.nth(1)).toHaveText(/^\d+\.\d %\d+ % to \d+ %$/);
  // What the tab has told the server.
  const { clients } = await server.api.view(experiment);
  const told = `${(100 * (clients[0].accuracy ?? 0)).toFixed(1)} %`;
  await expect(numbers.nth(1)).toContainText(told);
  await expect(own).toContainText("Guessing reaches 12.5 %");
  await expect(own.getByRole("list", { name: "It gets these wrong" }).getByRole("img")).toHaveCount(
    12,
  );
  await expect(own.getByRole("list", { name: "By class" }).getByRole("listitem")).toHaveCount(8);
  await own.getByRole("button", { name: "Train it here" }).click();
  // This study was each alone.
  await expect(numbers.nth(2)).toContainText(told, { timeout: 60_000 });
  await own.getByText("Which classes it mixes up").click();
  await expect(own.getByRole("rowheader")).toHaveCount(8);

  const tried = section(page, "Try it");
  const bytes = await picture(400);
  const file = (name: string) => ({ name, mimeType: "image/jpeg", buffer: bytes });
  await tried.getByLabel("Pictures", { exact: true }).setInputFiles(file("disc.jpg"));
  const said = tried.getByRole("list", { name: "What your model says" });
  await expect(said.getByRole("img", { name: "disc.jpg" })).toBeVisible();
  await expect(said.getByText(/^\d+ %$/)).toHaveCount(3);
  const many = [file("a.jpg"), file("b.jpg"), { ...file("c.jpg"), buffer: Buffer.from("no") }];
  await tried.getByLabel("Pictures", { exact: true }).setInputFiles(many);
  await expect(tried.getByRole("alert")).toContainText("1 file is left out.");
  const table = await downloaded(page, tried.getByRole("button", { name: /Download all 2/ }));
  expect(table.name).toBe("answers.csv");
  expect(table.bytes.toString().split("\r\n")).toEqual([
    "file,class,confidence,second class,second confidence",
    expect.stringMatching(/^a\.jpg,[^,]+,[01]\.\d{4},[^,]+,0\.\d{4}$/),
    expect.stringMatching(/^b\.jpg,/),
    "",
  ]);

  expect(await violationsOf(page)).toEqual([]);
  for (const [colorScheme, width] of [
    ["light", 1440],
    ["dark", 1440],
    ["light", 390],
    ["dark", 390],
  ] as const) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    expect(await violationsOf(page)).toEqual([]);
    const scroll = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(scroll, "the page scrolls sideways").toBeLessThanOrEqual(width);
    await looked(page, `${colorScheme}-${width}`);
  }

  const taken = section(page, "Take it along");
  const zip = await downloaded(page, taken.getByRole("button", { name: "Download your model" }));
  expect(zip.name).toBe("Yours-model.zip");
  const files = unzipSync(zip.bytes);
  expect(Object.keys(files).sort()).toEqual([
    "README.md",
    "classes.json",
    "model.json",
    "model.onnx",
    "model.safetensors",
    "weights.bin",
  ]);
  expect(new TextDecoder().decode(files["README.md"])).toContain(told);

  // The experiment is over, and the tab was closed.
  await page.close();
  const again = await context.newPage();
  await again.goto(`${server.url}/join/${experiment}`);
  await expect(section(again, "This experiment has finished")).toBeVisible();
  await expect(section(again, "Your model").getByRole("definition").nth(2)).toContainText(told, {
    timeout: 60_000,
  });
  await looked(again, "again");
  await section(again, "Take it along").getByRole("button", { name: "Delete it" }).click();
  await again.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await expect(again.getByText("You have left. Nothing of it is kept")).toBeVisible();
  await expect(section(again, "Your model")).toBeHidden();
  expect(await again.evaluate(storedBytes)).toBe(0);
  await context.close();
});

test("a browser that keeps nothing takes part, shows its model while it is open, and asks the painter", async () => {
  const { page, close } = await browserWithoutCookies();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  const { strategyConfig } = tiny();
  const changes = { name: "Painted", rounds: 1, minClients: 1 };
  const experiment = await launch(
    server,
    tiny({ ...changes, strategyConfig: { ...strategyConfig, critics: "none" } }),
  );
  await page.goto(`${server.url}/join/${experiment}?slot=0&backend=wasm`);
  const storage = () =>
    Promise.resolve()
      .then(() => sessionStorage.length)
      .catch(() => "denied");
  expect(await page.evaluate(storage)).toBe("denied");
  await page.getByRole("button", { name: "Join with this tab" }).click();
  await expect(page.getByText("This browser keeps nothing for this page").first()).toBeVisible({
    timeout: 60_000,
  });
  const { rounds } = await follow(server.api, experiment, ({ status }) => status === "finished", {
    timeoutMs: 120_000,
  });
  expect(rounds[0].uploads).toBe(1);
  await expect(page.getByText(/^Done\./)).toBeVisible();
  const own = section(page, "Your model");
  await expect(own).toContainText("it is gone when this tab closes");
  await expect(section(page, "Your data")).toContainText("until this tab closes");
  await expect(own.getByRole("term").filter({ hasText: "Now, after 1 round" })).toBeVisible({
    timeout: 30_000,
  });
  const painter = section(page, "Ask the painter");
  await expect(painter).toContainText("as everyone together has taught it in 1 round");
  const sent: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST") sent.push(`${request.postData()}`);
  });
  const field = painter.getByLabel("What to paint");
  await expect(field).toHaveAccessibleDescription(
    "What you type goes to the study's server, and nothing else does.",
  );
  await field.fill("a red apple");
  await field.press("Enter");
  const made = painter.getByRole("list", { name: "What it has painted" });
  await expect(made.getByRole("img")).toHaveCount(2, { timeout: 30_000 });
  await expect(made.getByRole("img").last()).toHaveAccessibleName("“a red apple”, after round 1");
  expect(sent).toEqual(['{"prompt":"a red apple"}']);
  const [address = ""] = await made
    .getByRole("img")
    .first()
    .evaluate((img) => /https?:[^"]+/.exec(getComputedStyle(img).backgroundImage) ?? []);
  const sheet = await sharp(await (await fetch(address)).arrayBuffer())
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  expect([sheet.info.width, sheet.info.height]).toEqual([64, 32]);
  const [base, taught] = [0, 1].map((half) =>
    String(sheet.data.filter((_, at) => ((at / 96) & 1) === half)),
  );
  expect(base === taught, "the lesson has changed nothing").toBe(false);
  await painter.getByRole("list", { name: "Or one of" }).getByRole("button").first().click();
  await expect(made.getByRole("listitem")).toHaveCount(2, { timeout: 30_000 });
  const adapter = section(page, "The teacher's adapter");
  const taken = await downloaded(page, adapter.getByRole("link", { name: "Download the adapter" }));
  expect(Object.keys(unzipSync(taken.bytes))).toContain("adapter_config.json");
  expect(await violationsOf(page)).toEqual([]);
  await looked(page, "painter");
  await fetch(`${server.url}/api/experiments/${experiment}`, { method: "DELETE" });
  await painter.getByRole("button", { name: "Paint", exact: true }).click();
  await expect(painter.getByRole("alert")).toContainText("has been removed from the server");
  expect(errors).toEqual([]);
  await close();
});

test("a model of pairs is asked and searched while it still takes part", async ({ page }) => {
  const experiment = await launch(
    server,
    tiny({
      name: "Pairs",
      strategy: "local",
      task: "both",
      rounds: 50,
      minClients: 1,
      strategyConfig: { localEpochs: 1, warmUpEpochs: 2 },
    }),
  );
  await page.goto(`${server.url}/join/${experiment}?auto=1&backend=wasm&slot=2`);
  const own = section(page, "Your model");
  await own.getByRole("button", { name: "Measure it now" }).click({ timeout: 90_000 });
  await expect(own.getByRole("term").filter({ hasText: "Now, after" })).toBeVisible({
    timeout: 30_000,
  });
  await expect(own).toContainText(/its picture half reaches \d+\.\d % and its caption half/);

  const tried = section(page, "Try it");
  const said = tried.getByRole("list", { name: "What your model says" }).getByRole("listitem");
  await tried.getByLabel("A text", { exact: true }).fill("a red apple");
  await tried.getByRole("button", { name: "Ask" }).click();
  await expect(said.first()).toContainText("a red apple");
  await page.evaluate(
    (text) => {
      const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File([bytes], "pasted.jpg", { type: "image/jpeg" }));
      document.dispatchEvent(new ClipboardEvent("paste", { clipboardData }));
    },
    (await picture(64)).toString("base64"),
  );
  await expect(said.first()).toContainText("pasted.jpg");
  await tried.getByLabel("Search your own pictures").fill("apple");
  await tried.getByRole("button", { name: "Search" }).click();
  const found = tried.getByRole("list", { name: "Your nearest pictures" }).getByRole("listitem");
  await expect(found.getByRole("img")).toHaveCount(12);
  const [first] = await found.allTextContents();
  const searched = { name: "disc.jpg", mimeType: "image/jpeg", buffer: await picture(64) };
  await tried.getByLabel("A picture to search by").setInputFiles(searched);
  await expect(found.first()).not.toHaveText(first);
  expect(await violationsOf(page)).toEqual([]);
  await looked(page, "pairs");
  expect((await server.api.view(experiment)).status).toBe("running");
});

/** By its settings, which deny everything that a site keeps. */
async function browserWithoutCookies() {
  const directory = await mkdtemp(join(tmpdir(), "tandem-profile-"));
  await mkdir(join(directory, "Default"));
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
  await writeFile(join(directory, "Default/Preferences"), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(directory, {
    executablePath: chromiumPath(join(import.meta.dirname, "..")),
    args: [...chromiumFlags],
  });
  return {
    page: await context.newPage(),
    async close() {
      await context.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function downloaded(page: Page, button: ReturnType<Page["getByRole"]>) {
  const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

/** To be looked at, where `TANDEM_E2E_SCREENSHOTS` names a folder. */
async function looked(page: Page, name: string): Promise<void> {
  const folder = process.env.TANDEM_E2E_SCREENSHOTS;
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `result-${name}.png`), fullPage: true });
}

async function violationsOf(page: Page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(", ")}`);
}
