import { type Browser, expect } from "@playwright/test";
import { follow } from "@tandem/cli/harness/rest-client";
import { createRng } from "@tandem/core/rng";
import { bytesOfPicture } from "@tandem/intake/testing/pictures";
import type { TaskView } from "@tandem/protocol/view";
import sharp from "sharp";
import { bringing, openJoinPage, tableOf, zipOf } from "./bringing";
import { browserWithoutCookies, launch, sharedServer, storedBytes, test, tiny } from "./harness";
import { barriersOf, look } from "./looks";

const server = sharedServer();
const perClass = 15;

let task: TaskView;
test.beforeAll(async () => {
  task = await server.api.createTask({
    name: "Fruit of yours",
    classes: [{ name: "apple" }, { name: "pear" }],
    modalities: ["image", "text"],
    pictures: { size: 16, colour: true, background: 255 },
    least: { participant: 10, class: 2 },
    teacher: { kind: "none" },
  });
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
  return zipOf(files);
}

async function open(browser: Browser, id: string, width = 390) {
  const context = await browser.newContext({ viewport: { width, height: 844 } });
  const page = await context.newPage();
  await openJoinPage(page, `${server.url}/join/${id}`);
  return page;
}

test("what was read is looked over, put right and kept", async ({ browser }) => {
  const { id } = await server.api.create(study());
  const page = await open(browser, id);
  await expect(bringing(page).join).toBeDisabled();
  await expect(page.getByText("Bring it above and keep it in this browser")).toBeVisible();
  await look(page, "sources");
  expect(await barriersOf(page)).toEqual([]);

  await bringing(page).files.setInputFiles(await zipOfPictures());
  await expect(page.getByRole("heading", { name: "30 samples read" })).toBeVisible();
  await expect(bringing(page).counts).toHaveText([/apple\s*15/, /pear\s*0/, /No class yet\s*15/]);
  await page.getByText("1 file or line left out").click();
  await page.getByText(/^Cut off/).click();
  await expect(page.getByText("mine/apple/broken.png")).toBeVisible();
  await expect(bringing(page).keep).toBeDisabled();
  await expect(page.getByText(/Taken as a guess: ".*pears" for "pear"/)).toBeVisible();
  await look(page, "review");
  expect(await barriersOf(page)).toEqual([]);
  await page.getByRole("button", { name: "It is pear" }).click();
  await expect(bringing(page).counts).toHaveText([/apple\s*15/, /pear\s*15/]);

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
  await expect(bringing(page).counts).toHaveText([/apple\s*14/, /pear\s*16/]);
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
  await expect(bringing(page).counts).toHaveText([/apple\s*14/, /pear\s*14/]);
  await expect(boxes.first()).toBeFocused();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(bringing(page).counts).toHaveText([/apple\s*14/, /pear\s*16/]);

  await bringing(page).keep.click();
  await expect(page.getByText(/30 pictures kept in this browser, [\d.]+ kB/)).toBeVisible();
  await expect(page.getByText("24 to train on; 6 held back")).toBeVisible();
  await look(page, "kept");
  expect(await barriersOf(page)).toEqual([]);
  await page.reload();
  await expect(page.getByText(/30 pictures kept in this browser/)).toBeVisible();
  await page.getByRole("button", { name: "Delete data" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText(/^\d+ pictures kept in this browser/)).toBeHidden();
  expect(await page.evaluate(storedBytes)).toBe(0);
  await page.context().close();
});

test("which columns count can be chosen, of a table that was there before the page's code", async ({
  browser,
}) => {
  const { id } = await server.api.create(study());
  const context = await browser.newContext({ viewport: { width: 1440, height: 844 } });
  const page = await context.newPage();
  let open = () => {};
  const chosen = new Promise<void>((resolve) => {
    open = resolve;
  });
  await page.route("**/*.js", (route) => chosen.then(() => route.continue()));
  await page.goto(`${server.url}/join/${id}`, { waitUntil: "commit" });
  await bringing(page).files.setInputFiles(tableOf(2 * perClass));
  open();
  await expect(bringing(page).counts).toHaveText([/apple\s*15/, /pear\s*15/]);
  await expect(page.getByLabel("Caption", { exact: true })).toHaveValue("0");
  await page.getByLabel("Class", { exact: true }).selectOption("None");
  await expect(bringing(page).counts).toHaveText([/apple\s*0/, /pear\s*0/, /No class yet\s*30/]);
  await page.getByLabel("Class", { exact: true }).selectOption("label");
  await look(page, "table");
  await page.context().close();
});

test("what is typed, pasted, dropped and photographed comes together", async ({ browser }) => {
  const { id } = await server.api.create(study());
  const page = await open(browser, id);
  await page.context().grantPermissions(["camera"]);
  await page.getByRole("button", { name: "Type", exact: true }).click();
  await page.getByLabel(/^Captions/).fill("a green one\n\nanother green one");
  await page.getByLabel("Class of the captions").selectOption("pear");
  await page.getByRole("button", { name: "Add 2 captions" }).click();
  await expect(bringing(page).counts).toHaveText([/apple\s*0/, /pear\s*2/]);

  const bytes = Array.from(await picture("apple", 1));
  await page.evaluate((bytes) => {
    const data = new DataTransfer();
    data.items.add(new File([Uint8Array.from(bytes)], "image.png", { type: "image/png" }));
    document.body.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }),
    );
  }, bytes);
  await expect(bringing(page).counts).toHaveText([/apple\s*0/, /pear\s*2/, /No class yet\s*1/]);

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
  await expect(bringing(page).counts).toHaveText([/apple\s*[2-9]/, /pear\s*2/, /No class yet\s*1/]);

  const dropped = await picture("pear", 2);
  await page.getByRole("region", { name: "Add data" }).dispatchEvent("drop", {
    dataTransfer: await page.evaluateHandle((bytes) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(bytes)], "pear.png", { type: "image/png" }));
      return data;
    }, Array.from(dropped)),
  });
  await expect(bringing(page).counts).toHaveText([/apple/, /pear\s*2/, /No class yet\s*2/]);
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
  const sizes: Promise<number>[] = [];
  page.on("response", (response) => {
    if (response.url().endsWith(".js")) scripts.push(response.text());
  });
  page.on("requestfinished", (request) => {
    if (!request.url().endsWith(".js")) return;
    sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
  });
  const hasReader = async () =>
    (await Promise.all(scripts)).some((text) => text.includes("The worker that reads files"));
  await page.goto(`${server.url}/join/${id}`);
  await expect(page.getByRole("region", { name: "Add data" })).toBeVisible();
  await page.waitForLoadState("networkidle");
  expect(await hasReader()).toBe(false);
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size);
  expect(bytes).toBeGreaterThan(100_000);
  expect(bytes).toBeLessThan(150 * 1024); // as they came over the line, of workers too
  const large = await picture("apple", 1, 1200);
  const files = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [`apple/${i}.png`, large] as const),
  );
  await bringing(page).files.setInputFiles(zipOf(files));
  await expect(page.getByRole("progressbar", { name: "Reading files" })).toBeVisible();
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText("Reading was cancelled; nothing was kept.")).toBeVisible();
  expect(await hasReader()).toBe(true);
  await bringing(page).files.setInputFiles(tableOf(2 * perClass));
  await expect(bringing(page).counts).toHaveText([/apple\s*15/, /pear\s*15/]);
  expect(await page.evaluate(storedBytes)).toBe(0);
  await context.close();
});

test("where the browser keeps nothing, data are held until the tab closes, and trained on", async () => {
  const { page, close } = await browserWithoutCookies();
  const id = await launch(server, study({ slots: 1, minClients: 1 }));
  await openJoinPage(page, `${server.url}/join/${id}`);
  await bringing(page).files.setInputFiles(tableOf(2 * perClass));
  await bringing(page).keep.click();
  await expect(page.getByText(/30 captions kept until this tab closes/)).toBeVisible();
  await bringing(page).join.click();
  const { clients } = await follow(server.api, id, ({ status }) => status === "finished", {
    timeoutMs: 60_000,
  });
  expect(clients).toMatchObject([{ samples: 24, heldOut: 6 }]);
  await close();
});
