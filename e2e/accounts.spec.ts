import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, type Page } from "@playwright/test";
import { createApi } from "@tandem/cli/harness/rest-client";
import { freePort, type ServerProcess, startServer } from "@tandem/cli/harness/server-process";
import { test, tiny } from "./harness";
import { barriersOf, inAllLooks, look } from "./looks";
import { insertPasskeys, makeAccount, password } from "./people";

let server: ServerProcess;
let directory: string;
test.beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tandem-accounts-"));
  const port = await freePort();
  // For others, so that nobody may do anything before there is an owner.
  const data = join(directory, "data");
  const environment = {
    TANDEM_PUBLIC_URL: `http://localhost:${port}`,
    TANDEM_BACKUP_TO: join(directory, "backups"),
  };
  server = await startServer({ port, directory: data, environment });
});
test.afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

async function looks(page: Page, name: string) {
  expect(await inAllLooks(page, barriersOf)).toEqual([]);
  await look(page, `accounts-${name}`);
}

test("an owner comes in by the console's link and a passkey, and invites a viewer who changes nothing", async ({
  page,
  browser,
}) => {
  test.setTimeout(120_000);
  await page.goto(server.url);
  await expect(page.getByRole("heading", { name: "Nobody has an account yet" })).toBeVisible();
  await looks(page, "unclaimed");
  const link = /http\S+\/accounts\/new#\S+/.exec(server.output())?.[0] ?? "";
  await page.goto(link);
  await expect(page.getByText("You will be an owner")).toBeVisible();
  await looks(page, "new");
  await makeAccount(page, link, "Ada");

  await insertPasskeys(page);
  await page.getByLabel("Name of a new passkey").fill("Laptop");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await expect(page.getByRole("list", { name: "Passkeys" })).toContainText("Laptop");
  await page.getByLabel("Name of a new token").fill("CLI");
  await page.getByRole("button", { name: "Make a token" }).click();
  const token = (await page.getByText(/^tdm_/).textContent()) ?? "";
  await looks(page, "account");
  const { id } = await createApi(server.url, token).create(tiny({ name: "Leaves" }));

  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in", level: 1 })).toBeVisible();
  await page.goto(`${server.url}/experiments/${id}`);
  await looks(page, "sign-in");
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(page.getByRole("heading", { name: "Leaves" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Start" })).toBeVisible();

  await page.getByRole("link", { name: "Your account: Ada, owner" }).click();
  await page.getByRole("link", { name: "All accounts" }).click();
  await page.getByRole("button", { name: "Make a link" }).click();
  const invitation = (await page.getByText(/\/accounts\/new#/).textContent()) ?? "";
  const backups = page.getByRole("list", { name: "Backups" }).getByRole("listitem");
  await expect(backups).toHaveCount(1); // of its start
  await page.getByRole("button", { name: "Back up now" }).click();
  await expect(backups).toHaveCount(2);
  await looks(page, "accounts");

  const other = await browser.newContext();
  const viewer = await other.newPage();
  await makeAccount(viewer, invitation, "Vera");
  await viewer.goto(`${server.url}/experiments/${id}`);
  await expect(viewer.getByText("Live")).toBeVisible();
  await expect(viewer.getByRole("button", { name: /Start|Delete/ })).toHaveCount(0);
  await viewer.goto(`${server.url}/tasks/new`);
  await expect(viewer.getByText("You are signed in as Vera, a viewer.")).toBeVisible();

  await page.reload();
  await page.getByRole("button", { name: "Remove Vera" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
  await expect(page.getByText("vera@example.org")).toHaveCount(0);
  await viewer.goto(server.url);
  await expect(viewer.getByRole("button", { name: "Sign in", exact: true })).toBeVisible();
  await viewer.goto(`${server.url}/join/${id}`);
  await expect(viewer.getByRole("button", { name: "Join with this tab" })).toBeVisible();
  await other.close();
});

test("an owner's link sets a new password and signs out whoever has the old one, and the audit log has it", async ({
  page,
  browser,
}) => {
  test.setTimeout(120_000);
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel("E-mail address").fill("ada@example.org");
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("link", { name: "Your account: Ada, owner" }).click();
  await page.getByRole("link", { name: "All accounts" }).click();
  const button = page.getByRole("button", { name: "New password for Ada" });
  await button.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("alertdialog").getByRole("button", { name: "Make a link" }).click();
  const link = (await page.getByText(/\/accounts\/password#/).textContent()) ?? "";
  await expect(page.getByRole("list", { name: "Open links" })).toContainText("password of Ada");
  await looks(page, "password-link");
  const other = await browser.newContext();
  const again = await other.newPage();
  await again.goto(link);
  await expect(again.getByText("who signs in as ada@example.org")).toBeVisible();
  await looks(again, "password");
  await again.getByLabel("New password").fill("another horse battery");
  await again.getByRole("button", { name: "Set the password" }).click();
  await expect(again.getByRole("heading", { name: "Your account", level: 1 })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { name: "Sign in", level: 1 })).toBeVisible();

  await again.getByRole("link", { name: "All accounts" }).click();
  await again.getByRole("link", { name: "Audit log" }).click();
  const log = again.getByRole("list", { name: "Audit log" });
  await expect(log).toContainText("password.reset");
  await expect(log).toContainText("owner-link.use");
  await looks(again, "audit");
  await again.getByLabel("Who").fill("ada");
  await again.getByLabel("Action").selectOption("password.link");
  await again.getByRole("button", { name: "Filter" }).press("Enter");
  await expect(log.getByRole("listitem")).toHaveCount(1);
  const saving = again.waitForEvent("download");
  await again.getByRole("link", { name: "Save as CSV" }).click();
  expect((await saving).suggestedFilename()).toBe("audit.csv");
  await other.close();
});
