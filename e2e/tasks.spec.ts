import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { bytesOfPicture, painting } from "@tandem/intake/testing/pictures";
import { strToU8, unzipSync, zipSync } from "fflate";
import { sharedServer, test } from "./harness";
import { inAllLooks, violationsOf } from "./looks";

const server = sharedServer();

let folder = "";
/** Of a study of fruit: pictures, a text for one of them, and what is no sample. */
let files: Record<string, Uint8Array> = {};
test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tandem-tasks-"));
  const picture = (seed: number) => bytesOfPicture(painting(90, 60, seed).png());
  files = { "fruit/metadata.csv": strToU8("file_name,text\napple/0.png,a round one\n") };
  for (const [i, name] of ["apple", "pear", "plum"].entries())
    for (let n = 0; n < 4; n++) files[`fruit/${name}/${n}.png`] = await picture(10 * i + n);
  files["fruit/quince/0.png"] = await picture(40);
  files["fruit/notes.pdf"] = strToU8("%PDF-1.4");
  await writeFile(join(folder, "fruit.zip"), zipSync(files));
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(join(folder, dirname(path)), { recursive: true });
    await writeFile(join(folder, path), bytes);
  }
});
test.afterAll(() => rm(folder, { recursive: true, force: true }));

const next = (page: Page) => page.getByRole("button", { name: "Next" }).click();
const isAt = (page: Page, title: string) =>
  expect(page.getByRole("heading", { level: 2, name: title })).toBeVisible();

/** Through the button, as people do. */
async function choose(page: Page, button: string, path: string) {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: button }).click();
  await (await chooser).setFiles(path);
}

/** The first three screens. */
async function describeFruit(page: Page, name: string) {
  await page.goto(`${server.url}/tasks/new`);
  await isAt(page, "About");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Description").fill("Which fruit is it? Bring ten photographs of yours.");
  await page.getByLabel("Who runs it").fill("Orchard Lab");
  await page.getByLabel("Contact").fill("orchard@example.org");
  await next(page);
  await isAt(page, "Classes");
  await page.getByText("Paste a list").click();
  await page
    .getByLabel("One class per line")
    .fill("apple: apple, pippin\npear\nplum: plum, damson");
  await page.getByRole("button", { name: "Add 3 classes" }).click();
  await next(page);
  await isAt(page, "Samples");
  await next(page);
  await isAt(page, "Models");
  await next(page);
  await isAt(page, "Server's data");
}

test("an organiser makes a study and an experiment on it, and takes the task elsewhere", async ({
  page,
}) => {
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(server.url);
  await page.getByRole("link", { name: "Tasks" }).click();
  await page.getByRole("link", { name: "New task" }).click();
  await isAt(page, "About");
  await describeFruit(page, "Fruit");

  await choose(page, "Choose a zip: Public set", join(folder, "fruit.zip"));
  await expect(page.getByText("12 samples, 2 left out")).toBeVisible();
  const leftOut = page.getByRole("list", { name: "Left out" });
  await expect(leftOut).toContainText("quince/0.png");
  await expect(leftOut).toContainText("names one of the classes: apple, pear, plum");
  await expect(leftOut).toContainText("notes.pdf");
  await expect(page.getByRole("img", { name: "Pictures: Public set" })).toBeVisible();
  await choose(page, "Choose a folder: Test set", join(folder, "fruit"));
  await expect(page.getByRole("img", { name: "Pictures: Test set" })).toBeVisible();
  await expect(page.getByText("12 samples, 2 left out")).toHaveCount(2);
  expect(await violationsOf(page)).toEqual([]);

  await next(page);
  const licence = page.getByLabel("Licence of the public set");
  await expect(licence).toHaveAttribute("aria-invalid", "true");
  await expect(licence).toBeFocused();
  await licence.fill("CC0-1.0");
  await next(page);
  await isAt(page, "Teacher");
  const wrongSize = page.getByRole("radio", { name: "Clothes in three looks" });
  await expect(wrongSize).toBeDisabled();
  await expect(wrongSize).toHaveAccessibleDescription(/paints 16\s×\s16 pixels/);
  expect(await violationsOf(page)).toEqual([]);
  await page.getByRole("radio", { name: "Clip art" }).check();
  await page.getByRole("button", { name: "Back" }).click();
  await expect(page.getByText("12 samples, 2 left out")).toHaveCount(2);
  await next(page);
  await expect(page.getByRole("radio", { name: "Clip art" })).toBeChecked();
  await next(page);
  await isAt(page, "Review");
  expect(await violationsOf(page)).toEqual([]);
  await page.getByRole("button", { name: "Create the task" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Fruit" })).toBeVisible();
  await expect(page.getByRole("img", { name: "Public pictures of Fruit" })).toBeVisible();
  const address = page.url();

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("link", { name: "Export" }).click(),
  ]);
  const zip = join(folder, "exported.zip");
  await download.saveAs(zip);
  const inside = Object.keys(unzipSync(await readFile(zip)));
  expect(inside).toContain("task.json");
  expect(inside.filter((path) => /^(public|test)\/pear\//.test(path))).toHaveLength(8);

  await page.getByRole("link", { name: "New experiment on this task" }).click();
  await expect(page.getByLabel("Task", { exact: true })).toHaveValue(
    address.split("/").at(-1) ?? "",
  );
  await expect(page.getByLabel("Label skew α")).toHaveCount(0);
  await page.getByLabel("Name", { exact: true }).fill("Fruit together");
  await page.getByRole("button", { name: "Rounds and participants" }).click();
  await expect(page.getByLabel("Participants at most", { exact: true })).toHaveValue("12");
  await page.getByRole("button", { name: "Create experiment" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Fruit together" })).toBeVisible();
  await expect(page.getByRole("region", { name: "About Fruit" })).toContainText("Orchard Lab");
  const experiment = new URL(page.url()).pathname;
  expect(await lookedAt(page, experiment)).toEqual([]);
  await page.goto(server.url + experiment.replace("experiments", "join"));
  await expect(page.getByRole("link", { name: "orchard@example.org" })).toBeVisible();

  await page.goto(address);
  await expect(page.getByRole("link", { name: "Fruit together" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Remove" })).toHaveCount(0);
  expect(await lookedAt(page, new URL(address).pathname)).toEqual([]);

  await page.goto(`${server.url}/tasks`);
  await choose(page, "Choose a zip: Import a task", zip);
  await expect(page).toHaveURL(/\/tasks\/task-[0-9a-f]{16}$/);
  expect(page.url()).not.toBe(address);
  await expect(page.getByText("12 samples").first()).toBeVisible();
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
  await expect(page).toHaveURL(/\/tasks$/);
  await expect(page.getByRole("link", { name: "Fruit", exact: true })).toHaveCount(1);
});

test("a wrong definition is told at its field, and a draft outlives a reload", async ({ page }) => {
  await page.goto(`${server.url}/tasks/new`);
  await next(page);
  const name = page.getByLabel("Name", { exact: true });
  await expect(name).toBeFocused();
  await expect(name).toHaveAccessibleDescription(/Enter a name\./);
  expect(await violationsOf(page)).toEqual([]);
  await describeFruit(page, "Fruit again");
  await choose(page, "Choose a folder: Public set", join(folder, "fruit"));
  await expect(page.getByText("12 samples, 2 left out")).toBeVisible();
  await page.reload();
  await isAt(page, "Server's data");
  await expect(page.getByText("dropped the files: choose them once more")).toBeVisible();

  await page.getByRole("button", { name: "Classes" }).click();
  await page.getByLabel("Class 2", { exact: true }).fill("a/b");
  await next(page);
  await expect(page.getByLabel("Class 2", { exact: true })).toBeFocused();
  await expect(page.getByText("Names a folder: use neither / nor \\")).toBeVisible();
  await page.getByLabel("Class 2", { exact: true }).fill("pear");
  for (const title of ["Samples", "Models", "Server's data", "Teacher"]) {
    await next(page);
    await isAt(page, title);
  }
  // What only the server can know.
  await page.getByRole("radio", { name: "A folder on the server" }).check();
  await page.getByLabel("Path of the folder").fill("not/a/whole/path");
  await next(page);
  await page.getByRole("button", { name: "Create the task" }).click();
  await isAt(page, "Teacher");
  await expect(page.getByText("write the whole path, from /")).toBeVisible();
  await page.getByRole("radio", { name: "Nobody" }).check();
  await next(page);
  await page.getByRole("button", { name: "Create the task" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Fruit again" })).toBeVisible();

  await page.getByRole("link", { name: "New experiment on this task" }).click();
  const go = (step: string) => page.getByRole("button", { name: step, exact: true }).click();
  await go("Strategy");
  const needing = page.getByRole("radio", { name: /^FedMMKT/ }).first();
  await expect(needing).toBeDisabled();
  await expect(needing).toHaveAccessibleDescription(/needs a teacher, and “Fruit again” has none/);
  await go("Task");
  await page.getByLabel("Task", { exact: true }).selectOption("emoji-style");
  await go("Strategy");
  await expect(needing).toBeEnabled();
});

test("a zip that is no task is refused with the reason", async ({ page }) => {
  await page.goto(`${server.url}/tasks`);
  await choose(page, "Choose a zip: Import a task", join(folder, "fruit.zip"));
  await expect(page.getByText("there is no task.json")).toBeVisible();
});

for (const path of ["/tasks", "/tasks/new", "/tasks/emoji-style"])
  test(`${path} has no serious barrier`, async ({ page }) => {
    expect(await lookedAt(page, path)).toEqual([]);
  });

/** What axe finds on a page of this server in both themes at both widths. */
async function lookedAt(page: Page, path: string): Promise<readonly string[]> {
  await page.goto(server.url + path);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  return inAllLooks(page, violationsOf);
}
