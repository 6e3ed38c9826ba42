import { join } from "node:path";
import { type Browser, expect, type Page, test } from "@playwright/test";
import { chromiumFlags, chromiumPath } from "@tandem/cli/fleet/chromium";
import { follow } from "@tandem/cli/harness/rest-client";
import { type OwnData, openOwnData } from "@tandem/client/own-data";
import { createRng } from "@tandem/core/rng";
import { bytesOfPicture } from "@tandem/intake/testing/pictures";
import type { TaskView } from "@tandem/protocol/view";
import { tracesOf } from "@tandem/simulation/testing/traces";
import { zipSync } from "fflate";
import sharp from "sharp";
import {
  barriersOf,
  everythingSent,
  keptStore,
  launch,
  look,
  ownServer,
  storedBytes,
  tiny,
} from "./harness";

test.use({
  launchOptions: {
    executablePath: chromiumPath(join(import.meta.dirname, "..")),
    args: [...chromiumFlags, "--use-fake-device-for-media-stream"],
  },
});

const server = ownServer();
const perClass = 15;

let task: TaskView;
test.beforeAll(async () => {
  const response = await fetch(new URL("/api/tasks", server.url), {
    method: "POST",
    body: JSON.stringify({
      name: "Fruit",
      classes: [{ name: "apple" }, { name: "pear" }],
      modalities: ["image", "text"],
      pictures: { size: 16, colour: true, background: 255 },
      least: { participant: 10, class: 2 },
      teacher: { kind: "none" },
    }),
  });
  expect(response.status).toBe(201);
  task = (await response.json()) as TaskView;
});

const study = (changes = {}) =>
  tiny({
    name: "Fruit of ours",
    strategy: "local",
    dataset: task.id,
    rounds: 1,
    slots: 2,
    minClients: 2,
    strategyConfig: { localEpochs: 1 },
    ...changes,
  });

/** Noise that no two pictures share; pears are brighter. */
const picture = (kind: "apple" | "pear", seed: number, side = 20) => {
  const rng = createRng(`${kind}/${seed}`);
  const pixels = Uint8Array.from(
    { length: side * side * 3 },
    () => rng.integer(128) + (kind === "pear" ? 127 : 0),
  );
  return bytesOfPicture(sharp(pixels, { raw: { width: side, height: side, channels: 3 } }).png());
};

/** Pictures in two folders, one of them not quite named as its class, and a file that is none. */
async function zipOfPictures() {
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < perClass; i++) {
    files[`mine/apple/${i}.png`] = await picture("apple", i);
    files[`mine/pears/${i}.png`] = await picture("pear", i);
  }
  files["mine/apple/broken.png"] = (await picture("apple", 99)).subarray(0, 300);
  return {
    name: "mine.zip",
    mimeType: "application/zip",
    buffer: Buffer.from(zipSync(files, { level: 0 })),
  };
}

const captions = Array.from(
  { length: 2 * perClass },
  (_, i) => `${i % 2 ? "a long green pear" : "a round red apple"} called q${i}x${i * 7919}z`,
);
const csv = {
  name: "fruit.csv",
  mimeType: "text/csv",
  buffer: Buffer.from(
    `text,label\n${captions.map((text, i) => `${text},${i % 2 ? "pear" : "apple"}`).join("\n")}\n`,
  ),
};

const joinButton = (page: Page) => page.getByRole("button", { name: "Join with this tab" });
const keepButton = (page: Page) => page.getByRole("button", { name: "Keep in this browser" });
const filesInput = (page: Page) => page.locator('input[type="file"]').first();
const counts = (page: Page) =>
  page.getByRole("list", { name: "Samples of each class" }).getByRole("listitem");

async function open(browser: Browser, id: string, width = 390) {
  const context = await browser.newContext({ viewport: { width, height: 844 } });
  const page = await context.newPage();
  await page.goto(`${server.url}/join/${id}?backend=wasm`);
  await expect(page.getByRole("region", { name: "Add data" })).toBeVisible();
  return page;
}

/** What the browser keeps, which is what it trains on. */
const keptData = async (page: Page): Promise<OwnData | undefined> =>
  openOwnData(await keptStore(page), task.id).read();

test("two people bring pictures and captions, train on them, and nothing of any leaves", async ({
  browser,
}) => {
  const id = await launch(server, study());
  const page = await open(browser, id);
  const sent = everythingSent(page);
  await expect(joinButton(page)).toBeDisabled();
  await expect(page.getByText("Bring it above and keep it in this browser")).toBeVisible();
  await look(page, "sources");
  expect(await barriersOf(page)).toEqual([]);

  await filesInput(page).setInputFiles(await zipOfPictures());
  await expect(page.getByRole("heading", { name: "30 samples read" })).toBeVisible();
  await expect(counts(page)).toHaveText([/apple\s*15/, /pear\s*0/, /No class yet\s*15/]);
  await page.getByText("1 file or line left out").click();
  await page.getByText(/^Cut off/).click();
  await expect(page.getByText("mine/apple/broken.png")).toBeVisible();
  await expect(keepButton(page)).toBeDisabled();
  await expect(page.getByText(/Taken as a guess: ".*pears" for "pear"/)).toBeVisible();
  await look(page, "review");
  expect(await barriersOf(page)).toEqual([]);
  await page.getByRole("button", { name: "It is pear" }).click();
  await expect(counts(page)).toHaveText([/apple\s*15/, /pear\s*15/]);

  const boxes = page.getByRole("list", { name: "Samples", exact: true }).getByRole("checkbox");
  await expect(boxes).toHaveCount(24);
  const thumbnail = (name: string) => page.locator(`label[title$="${name}"]`);
  await thumbnail("apple/1.png").click();
  await thumbnail("apple/6.png").click({ modifiers: ["Shift"] });
  await expect(page.getByText("6 chosen")).toBeVisible();
  await thumbnail("apple/3.png").click({ modifiers: ["Shift"] });
  await expect(page.getByText("3 chosen")).toBeVisible();
  await expect(boxes.nth(3)).toBeFocused();
  await page.keyboard.press("Escape");
  await thumbnail("apple/3.png").click();
  await page.getByLabel("Give the chosen samples a class").selectOption("pear");
  await expect(counts(page)).toHaveText([/apple\s*14/, /pear\s*16/]);
  await page.getByRole("button", { name: "Next page" }).click();
  await expect(boxes).toHaveCount(6);
  await boxes.first().focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("Shift+ArrowRight");
  await page.keyboard.press("Shift+ArrowRight");
  await expect(page.getByText("3 chosen")).toBeVisible();
  await page.keyboard.press("Shift+ArrowLeft");
  await expect(page.getByText("2 chosen")).toBeVisible();
  await page.keyboard.press("Delete");
  await expect(counts(page)).toHaveText([/apple\s*14/, /pear\s*14/]);
  await expect(boxes.first()).toBeFocused();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(counts(page)).toHaveText([/apple\s*14/, /pear\s*16/]);

  await keepButton(page).click();
  await expect(page.getByText(/30 pictures kept in this browser, [\d.]+ kB/)).toBeVisible();
  await expect(page.getByText("24 to train on; 6 held back")).toBeVisible();
  await look(page, "kept");
  expect(await barriersOf(page)).toEqual([]);
  await page.reload();
  await expect(page.getByText(/30 pictures kept in this browser/)).toBeVisible();
  const own = [await keptData(page)].flatMap((data) => data ?? []);
  expect(own[0].train.images?.shape).toEqual([24, 16, 16, 3]);
  await joinButton(page).click();
  const joined = () =>
    follow(server.api, id, ({ clients }) => clients.some(({ status }) => status === "ready"), {
      timeoutMs: 60_000,
    });
  await joined();
  await page.reload();
  await joined();
  await expect(page.getByRole("region", { name: "This tab" })).toContainText("Connected");
  await page.getByText("Details of this device").click();
  await expect(page.getByText(/Chosen for this device: cnn-wide, the largest of/)).toBeVisible();

  const other = await open(browser, id, 1440);
  await filesInput(other).setInputFiles(csv);
  await expect(counts(other)).toHaveText([/apple\s*15/, /pear\s*15/]);
  await expect(other.getByLabel("Caption", { exact: true })).toHaveValue("0");
  await other.getByLabel("Class", { exact: true }).selectOption("None");
  await expect(counts(other)).toHaveText([/apple\s*0/, /pear\s*0/, /No class yet\s*30/]);
  await other.getByLabel("Class", { exact: true }).selectOption("label");
  await look(other, "table");
  await keepButton(other).click();
  await expect(other.getByText(/30 captions kept in this browser/)).toBeVisible();
  await joinButton(other).click();

  const finished = await follow(server.api, id, ({ status }) => status === "finished", {
    timeoutMs: 120_000,
  });
  expect(finished.measuredOn).toBe("held-out");
  expect(finished.clients).toMatchObject([
    { modality: "image", samples: 24, heldOut: 6 },
    { modality: "text", samples: 24, heldOut: 6 },
  ]);
  await expect(page.getByText(/measured on 6 pictures that you held back/)).toBeVisible();
  await look(page, "finished");

  expect(sent.length).toBeGreaterThan(20);
  const said = sent.map((one) => ("blob" in one ? Buffer.from(one.blob).toString("latin1") : ""));
  expect(said.join("\n")).toContain('"heldOut":6'); // frames of the worker are among them
  expect(tracesOf(own, sent)).toEqual([]);
  // Shows that a leak would be seen.
  const leak = Buffer.from(own[0].heldOut.images?.data.subarray(0, 768) ?? []).toString("base64");
  await page.evaluate((body) => fetch("/api/tasks", { method: "POST", body }), leak);
  expect(tracesOf(own, sent)).toContain("picture 0 of 0");

  await page.getByRole("button", { name: "Delete data" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText(/^\d+ pictures kept in this browser/)).toBeHidden();
  expect(await keptData(page)).toBeUndefined();

  await other.goto(`${server.url}/experiments/${id}`);
  await expect(other.getByText("Mean on what participants held back, by modality.")).toBeVisible();
  await look(other, "live");
  await other.goto(server.url);
  await expect(other.getByText("mean accuracy, held-back data")).toBeVisible();
  await look(other, "list");
  await page.context().close();
  await other.context().close();
});

test("what is typed, pasted, dropped and photographed comes together", async ({ browser }) => {
  const { id } = await server.api.create(study());
  const page = await open(browser, id);
  await page.context().grantPermissions(["camera"]);
  await page.getByRole("button", { name: "Type", exact: true }).click();
  await page.getByLabel(/^Captions/).fill("a green one\n\nanother green one");
  await page.getByLabel("Class of the captions").selectOption("pear");
  await page.getByRole("button", { name: "Add 2 captions" }).click();
  await expect(counts(page)).toHaveText([/apple\s*0/, /pear\s*2/]);

  const bytes = Array.from(await picture("apple", 1));
  await page.evaluate((bytes) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(bytes)], "image.png", { type: "image/png" }));
    document.body.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
    );
  }, bytes);
  await expect(counts(page)).toHaveText([/apple\s*0/, /pear\s*2/, /No class yet\s*1/]);

  await page.getByRole("button", { name: "Camera" }).click();
  const apple = page.getByRole("region", { name: "Camera" }).getByRole("button", { name: /apple/ });
  await expect(apple).toBeEnabled();
  await apple.hover();
  await page.mouse.down();
  await expect(apple).toHaveText(/apple [3-9]/);
  await page.mouse.up();
  await apple.focus();
  await page.keyboard.press("Enter");
  await look(page, "camera");
  expect(await barriersOf(page)).toEqual([]);
  await page.getByRole("button", { name: "Add what was taken" }).click();
  await expect(counts(page)).toHaveText([/apple\s*[2-9]/, /pear\s*2/, /No class yet\s*1/]);

  const dropped = await picture("pear", 2);
  await page.getByRole("region", { name: "Add data" }).dispatchEvent("drop", {
    dataTransfer: await page.evaluateHandle((bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(bytes)], "pear.png", { type: "image/png" }));
      return data;
    }, Array.from(dropped)),
  });
  await expect(counts(page)).toHaveText([/apple/, /pear\s*2/, /No class yet\s*2/]);
  await page.getByRole("button", { name: "Start over" }).click();
  await expect(page.getByText("Folders named after the classes")).toBeVisible();
  await page.context().close();
});

test("without a camera, or leave to use it, a sentence says what to do", async ({ browser }) => {
  const { id } = await server.api.create(study());
  const page = await open(browser, id);
  const camera = page.getByRole("button", { name: "Camera" });
  await camera.click();
  await expect(page.getByText("The camera is not allowed for this page.")).toBeVisible();
  await camera.click();
  await page.evaluate(() => Object.defineProperty(navigator, "mediaDevices", { value: undefined }));
  await camera.click();
  await expect(page.getByText("This page gets no camera: open it over https")).toBeVisible();
  await page.context().close();
});

test("reading can be left, and the page holds no code that reads files until it reads", async ({
  browser,
}) => {
  const { id } = await server.api.create(study());
  const context = await browser.newContext();
  const page = await context.newPage();
  const scripts: Promise<string>[] = [];
  page.on("response", (response) => {
    if (response.url().endsWith(".js")) scripts.push(response.text());
  });
  const hasReader = async () =>
    (await Promise.all(scripts)).some((text) => text.includes("The worker that reads files"));
  await page.goto(`${server.url}/join/${id}`);
  await expect(page.getByRole("region", { name: "Add data" })).toBeVisible();
  await page.waitForLoadState("networkidle");
  expect(await hasReader()).toBe(false);
  const large = await picture("apple", 1, 1200);
  const files = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [`apple/${i}.png`, large] as const),
  );
  await filesInput(page).setInputFiles({
    name: "large.zip",
    mimeType: "application/zip",
    buffer: Buffer.from(zipSync(files, { level: 0 })),
  });
  await expect(page.getByRole("progressbar", { name: "Reading files" })).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText("Reading was cancelled; nothing was kept.")).toBeVisible();
  expect(await hasReader()).toBe(true);
  await filesInput(page).setInputFiles(csv);
  await expect(counts(page)).toHaveText([/apple\s*15/, /pear\s*15/]);
  expect(await page.evaluate(storedBytes)).toBe(0);
  await context.close();
});
