import { expect } from "@playwright/test";
import { joinAtOnce } from "@tandem/cli/fleet/tabs";
import { follow } from "@tandem/cli/harness/rest-client";
import { launch, sharedServer, test, withoutTeacher } from "./harness";
import { look, violationsOf } from "./looks";

const server = sharedServer();

test("whoever runs a study removes a tab, which is told why and has what it sent erased, and lets its address in again", async ({
  browser,
  page,
}) => {
  const experiment = await launch(
    server,
    withoutTeacher({
      minClients: 1,
      slots: 3,
      rounds: 500,
      strategyConfig: { localEpochs: 1, warmUpEpochs: 0 },
    }),
  );
  const context = await browser.newContext();
  const tab = await context.newPage();
  await joinAtOnce(tab, `${server.url}/join/${experiment}?auto=1&backend=wasm&name=Stranger`);
  await page.goto(`${server.url}/experiments/${experiment}`);
  const remove = page.getByRole("button", { name: "Remove Stranger" });
  await follow(server.api, experiment, ({ round }) => round > 1, { timeoutMs: 60_000 });
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
  await expect(page.getByRole("cell", { name: "Removed" })).toBeVisible();
  await tab.goto(`${server.url}/join/${experiment}`);
  const sent = tab.getByRole("region", { name: "What you sent" });
  await sent.getByRole("button", { name: "Erase what I sent" }).click();
  const erasure = tab.getByRole("alertdialog", { name: "Erase what you sent?" });
  await expect(erasure).toContainText("cannot be taken back: averages");
  await look(tab, "erasure");
  expect(await violationsOf(tab)).toEqual([]);
  await erasure.getByRole("button", { name: "Erase" }).click();
  await expect(sent).toContainText("It has been erased from the server.");
  await look(tab, "erased");
  await expect(sent.getByRole("button")).toHaveCount(0);
  await expect(page.getByRole("cell", { name: "Erased" })).toBeVisible();
  await expect(page.getByRole("cell", { name: "Stranger" })).toHaveCount(0);
  const again = page.getByRole("button", { name: /^Let newcomers from the address of/ });
  await expect(again).toBeVisible();
  await look(page, "kept-out");
  expect(await violationsOf(page)).toEqual([]);
  await again.press("Enter");
  await expect(page.getByRole("list", { name: "Addresses kept out" })).toHaveCount(0);
  await look(page, "erased-client");
  const { rounds } = await server.api.view(experiment);
  expect(rounds[0].uploads).toBe(1);
  expect(await tab.evaluate(() => Object.keys(localStorage))).not.toContain(
    `tandem/left/${experiment}`,
  );
  await context.close();
});
