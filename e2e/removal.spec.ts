import { expect } from "@playwright/test";
import { joinAtOnce } from "@tandem/cli/fleet/tabs";
import { launch, sharedServer, test, withoutTeacher } from "./harness";
import { look, violationsOf } from "./looks";

const server = sharedServer();

test("whoever runs a study removes a tab, which is told why and has no place any more, and lets its address in again", async ({
  browser,
  page,
}) => {
  const experiment = await launch(server, withoutTeacher({ minClients: 2, slots: 3 }));
  const context = await browser.newContext();
  const tab = await context.newPage();
  await joinAtOnce(tab, `${server.url}/join/${experiment}?auto=1&backend=wasm&name=Stranger`);
  await page.goto(`${server.url}/experiments/${experiment}`);
  const remove = page.getByRole("button", { name: "Remove Stranger" });
  await expect(page.getByRole("cell", { name: "Ready" })).toBeVisible({ timeout: 60_000 });
  await remove.click();
  const question = page.getByRole("alertdialog", { name: "Remove “Stranger”?" });
  await expect(question).toBeVisible();
  await look(page, "removal");
  expect(await violationsOf(page)).toEqual([]);
  await question.getByRole("button", { name: "Cancel" }).click();
  await expect(remove).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(question.getByRole("checkbox", { name: /Keep out newcomers/ })).toBeChecked();
  await question.getByRole("button", { name: "Remove participant" }).click();
  await expect(tab.getByText("Whoever runs this study has removed this tab")).toBeVisible();
  await look(tab, "removed");
  await expect(page.getByRole("cell", { name: "Stranger" })).toHaveCount(0);
  const again = page.getByRole("button", { name: /^Let newcomers from the address of/ });
  await expect(again).toBeVisible();
  await look(page, "kept-out");
  expect(await violationsOf(page)).toEqual([]);
  await again.press("Enter");
  await expect(page.getByRole("list", { name: "Addresses kept out" })).toHaveCount(0);
  // Of its data nothing is left, and it may come again as somebody else.
  await context.close();
});
