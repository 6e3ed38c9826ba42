import { expect, type Page } from "@playwright/test";
import { sayStandings } from "@tandem/cli/fleet/standing";
import { follow } from "@tandem/cli/harness/rest-client";
import { sharedServer, test, withoutTeacher } from "./harness";
import { look, violationsOf } from "./looks";

const server = sharedServer();
const joinButton = (page: Page) => page.getByRole("button", { name: "Join with this tab" });

test("an invitation lets one person in, who is asked again when what is asked has changed", async ({
  page,
  browser,
}) => {
  const { id } = await server.api.create(
    withoutTeacher({ admission: "invitation", minClients: 2, slots: 3 }),
  );
  const guestIs = (status: string) =>
    follow(server.api, id, ({ clients }) => clients[0]?.status === status, { timeoutMs: 60_000 });
  await page.goto(`${server.url}/experiments/${id}`);
  const panel = page.getByRole("region", { name: "Invite people" });
  await panel.getByRole("button", { name: "Make a link" }).click();
  await expect(panel.getByRole("img", { name: "QR code of the invitation" })).toBeVisible();
  const link = (await panel.getByRole("code").textContent()) ?? "";
  await look(page, "invitations");
  expect(await violationsOf(page)).toEqual([]);

  const context = await browser.newContext();
  const guest = await context.newPage();
  const asked: string[] = [];
  guest.on("request", (request) => asked.push(request.url()));
  await guest.goto(`${server.url}/join/${id}?backend=wasm`);
  await expect(guest.getByText("This study is by invitation.")).toBeVisible();
  await expect(joinButton(guest)).toBeDisabled();
  await look(guest, "uninvited");
  expect(await violationsOf(guest)).toEqual([]);
  await guest.goto(link.replace("#", "?backend=wasm#"));
  await joinButton(guest).click();
  const { clients } = await guestIs("ready");
  expect(asked.join()).not.toContain(link.slice(link.indexOf("#") + 1));

  const late = await context.newPage();
  await late.goto(link.replace("#", "?backend=wasm#"));
  await joinButton(late).click();
  await expect(
    late.getByText("This invitation has been used as often as it may be."),
  ).toBeVisible();
  await look(late, "used-up");
  await late.close();

  // As if the server had been brought up to date meanwhile.
  await guest.evaluate((key) => {
    const { terms } = JSON.parse(localStorage.getItem(key) ?? "");
    const before = {
      hash: "0".repeat(64),
      terms: [{ what: "Sent", said: "Nothing." }, ...terms.slice(1)],
    };
    localStorage.setItem(key, JSON.stringify(before));
  }, `tandem/consent/${id}`);
  await guest.reload();
  const changed = guest.getByRole("region", { name: "What this study asks of you has changed" });
  await expect(changed).toContainText("Before: Nothing.");
  await look(guest, "asked-again");
  expect(await violationsOf(guest)).toEqual([]);
  await guestIs("away");
  await guest.getByRole("button", { name: "Continue" }).click();
  expect((await guestIs("ready")).clients.map((one) => one.id)).toEqual(
    clients.map((one) => one.id),
  );
  await expect(changed).toHaveCount(0);

  await page.reload();
  await expect(panel).toContainText("1 of 1 person let in");
  await panel.getByRole("button", { name: /^Revoke/ }).click();
  await expect(panel).toContainText("No link has been made.");
  await context.close();
});

test("whoever runs a study lets one tab in and not the other", async ({ page, browser }) => {
  const { id } = await server.api.create(
    withoutTeacher({ admission: "approval", minClients: 3, slots: 3 }),
  );
  const context = await browser.newContext();
  const ask = async (name: string) => {
    const tab = await context.newPage();
    await tab.goto(`${server.url}/join/${id}?backend=wasm&name=${name}`);
    await joinButton(tab).click();
    await expect(tab.getByText("Waiting for whoever runs this study to let you in")).toBeVisible();
    return tab;
  };
  const [ada, eve] = [await ask("Ada"), await ask("Eve")];
  const said: string[] = [];
  const standings = sayStandings({
    tabs: [ada, eve].map((tab, i) => ({ name: `Tab ${i}`, page: tab, context })),
    wayIn: "ask",
    say: (text) => said.push(text),
  });
  await expect
    .poll(() => said)
    .toEqual(["Tab 0 waits to be let in: ask", "Tab 1 waits to be let in: ask"]);
  await ada.bringToFront();
  await look(ada, "asking");
  expect(await violationsOf(ada)).toEqual([]);
  await page.goto(`${server.url}/experiments/${id}`);
  await expect(page.getByRole("list", { name: "Asking to take part" })).toContainText("Eve");
  await look(page, "applicants");
  expect(await violationsOf(page)).toEqual([]);
  await page.getByRole("button", { name: "Let Ada in" }).click();
  await page.getByRole("button", { name: "Refuse Eve" }).click();
  await expect(page.getByText("Nobody is waiting.")).toBeVisible();
  await expect(ada.getByText("Ready. The study has not started yet.")).toBeVisible();
  await expect(eve.getByText("has not let this tab in")).toBeVisible();
  await expect
    .poll(() => said.slice(2).sort())
    .toEqual(["Tab 0: goes on", "Tab 1: Whoever runs this study has not let this tab in."]);
  standings.stop();
  expect((await server.api.view(id)).clients.map(({ name }) => name)).toEqual(["Ada"]);
  await context.close();
});
