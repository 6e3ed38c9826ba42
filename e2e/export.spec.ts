import { readFile } from "node:fs/promises";
import { expect } from "@playwright/test";
import { sharedServer, test, withoutTeacher } from "./harness";
import { look, violationsOf } from "./looks";

const server = sharedServer();

test("an experiment is taken along with the keyboard, and is told apart where it comes back", async ({
  page,
}) => {
  const { id } = await server.api.create(withoutTeacher({ name: "Along" }));
  const address = `${server.url}/experiments/${id}`;
  await page.goto(address);
  const button = page.getByRole("button", { name: "Export" });
  await button.press("Enter");
  const items = page.getByRole("menuitem");
  await expect(items).toHaveText([/^CSV/, /^JSON Lines/, /^TensorBoard/, /^Everything/]);
  await expect(items.first()).toBeFocused();
  await expect(items.first()).toContainText("There are metrics once the first round has ended.");
  await expect(items.first()).toHaveAttribute("aria-disabled", "true");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await expect(button).toBeFocused();

  await server.api.start(id);
  await page.reload();
  await button.press("Enter");
  expect(await violationsOf(page)).toEqual([]);
  await look(page, "export-menu");
  await page.keyboard.press("End");
  await expect(items.last()).toBeFocused();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.keyboard.press("Enter"),
  ]);
  expect(download.suggestedFilename()).toBe(`Along-${id}.tandem.zip`);
  const archive = await readFile(await download.path());
  const importing = async (buffer: Buffer) => {
    const [chooser] = await Promise.all([
      page.waitForEvent("filechooser"),
      page.getByRole("button", { name: "Import", exact: true }).press("Enter"),
    ]);
    await chooser.setFiles({ name: "along.zip", mimeType: "application/zip", buffer });
  };

  await page.getByRole("link", { name: "Experiments" }).click();
  await expect(page.getByRole("heading", { name: "Experiments" })).toBeVisible();
  await look(page, "export-list");
  await importing(archive);
  await expect(page.getByText(`This server has experiment ${id} already`)).toBeVisible();
  await server.api.remove(id);
  await importing(archive.subarray(0, -20));
  await expect(page.getByText("archive: It cannot be read as a zip")).toBeVisible();
  await importing(archive);
  await page.waitForURL(address);
  await expect(page.getByText(/^Imported on \d{4}-\d\d-\d\d$/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Resume" })).toHaveCount(0);
  await look(page, "export-imported");
});
