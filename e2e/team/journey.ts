import { request } from "node:http";
import { devices, expect, type Page, test } from "@playwright/test";
import type { ExperimentView } from "@tandem/protocol/view";
import { withoutTeacher } from "../harness";
import { addressOf, insertPasskeys, makeAccount, password } from "../people";
import { ask, copyRecords, watchByPolling } from "./asking";
import { photograph, scan } from "./pictures";
import { siteName } from "./proxies";
import { openSite, type Site } from "./site";

const proxyName = process.env.TANDEM_JOURNEY_PROXY === "caddy" ? "caddy" : "nginx";
const { defaultBrowserType: _, ...phone } = devices["Pixel 7"];

test.describe.configure({ mode: "serial" });

let site: Site;
let owner: Page;
let researcher: Page;
let viewer: Page;
let pia: Page;
let noa: Page;
let experiment: string;
let invitation: string;

test.beforeAll(async () => {
  test.setTimeout(180_000);
  site = await openSite(proxyName);
});
test.afterAll(async () => {
  await site?.stop();
});
// biome-ignore lint/correctness/noEmptyPattern: Playwright wants the fixtures destructured
test.afterEach(async ({}, info) => {
  if (info.status === info.expectedStatus || !site) return;
  process.stderr.write(
    `${site.server.output().slice(-3000)}\n${(await site.proxy.log()).slice(-3000)}\n`,
  );
});

const api = (path: string) => `/tandem/api/experiments${path}`;
const joinButton = (page: Page) => page.getByRole("button", { name: "Join with this tab" });
const view = async (): Promise<ExperimentView> =>
  JSON.parse((await ask(researcher, "GET", api(`/${experiment}`))).text);
const create = async (name: string, admission: "invitation" | "approval") => {
  const rounds = { minClients: 1, slots: 3, rounds: 5 };
  const strategyConfig = { localEpochs: 3, warmUpEpochs: 0 };
  const body = withoutTeacher({ name, admission, ...rounds, strategyConfig });
  const { id } = JSON.parse((await ask(researcher, "POST", api(""), { body })).text);
  await researcher.goto(`${site.url}/experiments/${id}`);
  return String(id);
};

test("strangers come by TLS, get the headers, and read neither pages nor metrics", async () => {
  const stranger = await site.person();
  const answer = await stranger.goto(site.url);
  await expect(stranger.getByRole("heading", { name: "Nobody has an account yet" })).toBeVisible();
  expect(stranger.url()).toMatch(`${site.url}/sign-in`);
  const headers = answer?.headers() ?? {};
  expect(headers["strict-transport-security"]).toBe("max-age=31536000");
  const policy = headers["content-security-policy"];
  expect(policy).toMatch(/script-src 'self' 'nonce-[^']+' 'strict-dynamic'/);
  expect(policy).toContain(`connect-src 'self' wss://${new URL(site.url).host}`);
  expect(policy).toContain("frame-ancestors 'none'");
  const forged = { "x-forwarded-for": "127.0.0.1", forwarded: "for=127.0.0.1" };
  for (const headers of [{}, forged])
    expect(await ask(stranger, "GET", "/tandem/metrics", { headers })).toMatchObject({
      status: 403,
      text: expect.stringContaining("TANDEM_METRICS_TOKEN"),
    });
  const plain = await new Promise<{ status?: number; location?: string }>((resolve, reject) => {
    const asked = { port: site.plainPort, path: "/tandem/tasks", headers: { host: siteName } };
    request(asked, ({ statusCode: status = 0, headers: { location = "" } }) =>
      resolve({ status, location }),
    )
      .on("error", reject)
      .end();
  });
  expect([301, 308]).toContain(plain.status);
  expect(plain.location).toMatch(new RegExp(`^https://${siteName}(:\\d+)?/tandem/tasks$`));
});

test("the console's link makes the first owner, once, who comes back with a passkey", async () => {
  const [link = ""] = /https:\S+\/accounts\/new#\S+/.exec(site.server.output()) ?? [];
  expect(link).toContain(`${site.url}/accounts/new#`);
  owner = await site.person();
  await makeAccount(owner, link, "Olga");
  const late = await site.person();
  await late.goto(link);
  await expect(late.getByRole("main").getByRole("alert")).toBeVisible();
  const cookies = await owner.context().cookies(site.url);
  expect(cookies.find(({ name }) => name.includes("session"))).toMatchObject({
    ...{ secure: true, httpOnly: true, sameSite: "Lax", path: "/tandem" },
    domain: siteName,
  });
  expect(cookies.filter(({ secure, path }) => !secure || path !== "/tandem")).toEqual([]);

  await insertPasskeys(owner);
  await owner.getByLabel("Name of a new passkey").fill("Laptop");
  await owner.getByRole("button", { name: "Add a passkey" }).click();
  await expect(owner.getByRole("list", { name: "Passkeys" })).toContainText("Laptop");
  await owner.getByRole("button", { name: "Sign out" }).click();
  await expect(owner.getByRole("heading", { name: "Sign in", level: 1 })).toBeVisible();
  await owner.goto(`${site.url}/accounts`);
  await owner.getByRole("button", { name: "Sign in with a passkey" }).click();
  await expect(owner.getByRole("button", { name: "Make a link" })).toBeVisible();
  expect(owner.url()).toBe(`${site.url}/accounts`);
});

test("links of hers make a researcher and a viewer, who come back with their passwords", async () => {
  const invite = async (role: string, name: string) => {
    await owner.goto(`${site.url}/accounts`);
    await owner.getByLabel("Role of whoever is invited").selectOption(role);
    await owner.getByRole("button", { name: "Make a link" }).click();
    const link = (await owner.getByText(/\/accounts\/new#/).textContent()) ?? "";
    const person = await site.person();
    await makeAccount(person, link, name);
    return person;
  };
  researcher = await invite("researcher", "Rosa");
  viewer = await invite("viewer", "Vera");
  await viewer.getByRole("button", { name: "Sign out" }).click();
  await viewer.getByLabel("E-mail address").fill(addressOf("Vera"));
  await viewer.getByLabel("Password").fill(password);
  await viewer.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(viewer.getByRole("link", { name: "Your account: Vera, viewer" })).toBeVisible();
});

test("a phone reads an invitation off the researcher's screen, and two take part", async () => {
  await researcher.goto(`${site.url}/experiments/new`);
  await expect(researcher.getByRole("button", { name: /^Create/ })).toBeVisible();
  experiment = await create("Leaves", "invitation");
  const panel = researcher.getByRole("region", { name: "Invite people" });
  await panel.getByLabel("People").fill("4");
  await panel.getByRole("button", { name: "Make a link" }).click();
  invitation = await scan(panel.getByRole("img", { name: "QR code of the invitation" }));
  expect(invitation).toContain(`${site.url}/join/${experiment}#`);
  expect(invitation).toBe(await panel.getByRole("code").textContent());
  await photograph(researcher, "invitation");

  const join = async (page: Page, name: string) => {
    await page.goto(invitation);
    await page.getByLabel("Name").fill(name);
    await joinButton(page).click();
    const ready = page.getByText("Ready. The study has not started yet.");
    await expect(ready).toBeVisible({ timeout: 60_000 });
  };
  pia = await site.person(phone);
  await join(pia, "Pia");
  await photograph(pia, "phone");
  noa = await site.person();
  await join(noa, "Noa");
  expect((await view()).clients.map(({ name }) => name)).toEqual(["Pia", "Noa"]);
});

test("a viewer sees the study, has no controls, and is refused by the server too", async () => {
  await viewer.goto(`${site.url}/experiments/${experiment}`);
  await expect(viewer.getByText("Live", { exact: true })).toBeVisible();
  await expect(viewer.getByRole("cell", { name: "Noa" })).toBeVisible();
  const controls = /Start|Pause|Delete|Remove|Make a link|Revoke/;
  await expect(viewer.getByRole("button", { name: controls })).toHaveCount(0);
  await photograph(viewer, "viewer");
  const { clients } = await view();
  const tried = [
    ["POST", "", { name: "Hers" }],
    ["POST", `/${experiment}/start`, {}],
    ["POST", `/${experiment}/invitations`, {}],
    ["GET", `/${experiment}/invitations`],
    ["GET", `/${experiment}/applicants`],
    ["POST", `/${experiment}/clients/${clients[0].id}/remove`, { address: true }],
    ["DELETE", `/${experiment}`],
  ] as const;
  for (const [method, path, body] of tried)
    expect((await ask(viewer, method, api(path), { body })).status, `${method} ${path}`).toBe(403);
  expect((await ask(viewer, "GET", "/tandem/api/accounts")).status).toBe(403);
  expect((await ask(viewer, "GET", "/tandem/metrics")).status).toBe(403);
  expect(await view()).toMatchObject({ status: "draft", clients: [{ name: "Pia" }, {}] });
});

test("a participant trains, is removed and told why, and cannot come back", async () => {
  await researcher.getByRole("button", { name: "Start" }).click();
  await expect
    .poll(async () => (await view()).rounds.at(0)?.uploads, { timeout: 60_000, intervals: [200] })
    .toBe(2);
  await researcher.getByRole("button", { name: "Pause" }).click();
  await expect(researcher.getByRole("button", { name: "Resume" })).toBeVisible();
  await researcher.getByRole("button", { name: "Remove Pia" }).click();
  const question = researcher.getByRole("alertdialog", { name: "Remove “Pia”?" });
  await expect(question.getByRole("checkbox", { name: /Keep out newcomers/ })).toBeChecked();
  await question.getByRole("button", { name: "Remove participant" }).click();
  await expect(pia.getByText("Whoever runs this study has removed this tab")).toBeVisible();
  await photograph(pia, "removed");
  // With the link, which lets in four, in the same browser and in another.
  for (const page of [await pia.context().newPage(), await site.person(phone)]) {
    await page.goto(invitation);
    await page.getByRole("button", { name: /^(Join with this tab|Continue)/ }).click();
    await expect(
      page.getByText(/keeps newcomers from your network|has removed this/),
    ).toBeVisible();
  }
  const { clients } = await view();
  expect(clients.map(({ name, status }) => `${name} ${status}`)).toEqual([
    "Pia removed",
    expect.stringMatching(/^Noa (ready|resting|working|done)$/),
  ]);
});

test("a token copied out of a participant's browser takes no place, and the participant finishes", async () => {
  const thief = await site.person();
  const answers: string[] = [];
  thief.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => answers.push(String(payload))),
  );
  await thief.goto(`${site.url}/join/${experiment}`);
  await expect(joinButton(thief)).toBeDisabled();
  expect(await copyRecords(noa, thief)).toBeGreaterThan(1);
  await thief.reload();
  await thief.getByRole("button", { name: "Continue" }).click();
  await expect
    .poll(() => answers.join("\n"))
    .toContain("This place belongs to a key that is not here");
  await expect(thief.getByRole("alert").getByText(/newcomers|by invitation/)).toBeVisible();
  await photograph(thief, "thief");

  await researcher.getByRole("button", { name: "Resume" }).click();
  await expect(noa.getByRole("link", { name: "See the results" })).toBeVisible({ timeout: 90_000 });
  const { status, clients, rounds } = await view();
  expect(status).toBe("finished");
  expect(clients.map(({ name }) => name)).toEqual(["Pia", "Noa"]);
  expect([rounds.length, rounds.at(0)?.uploads, rounds.at(-1)?.uploads]).toEqual([5, 2, 1]);
});

test("who asks to take part waits until the researcher lets them in", async () => {
  const study = await create("Seeds", "approval");
  const applicant = await site.person(phone);
  await applicant.goto(`${site.url}/join/${study}`);
  await applicant.getByLabel("Name").fill("Ada");
  await joinButton(applicant).click();
  await expect(applicant.getByText("Waiting for whoever runs this study")).toBeVisible({
    timeout: 60_000,
  });
  await researcher.getByRole("button", { name: "Let Ada in" }).click();
  await expect(applicant.getByText("Ready. The study has not started yet.")).toBeVisible();
});

test("web sockets and long polling get through, and all that pages ask for lies under the path", async () => {
  expect(await watchByPolling(viewer, "/tandem", experiment)).toContain('42["view",{');
  const upgraded = site.sockets.filter((at) =>
    /\/tandem\/socket\.io\/.*transport=websocket/.test(at),
  );
  expect(upgraded.length).toBeGreaterThan(5);
  if (proxyName === "nginx")
    expect(await site.proxy.log()).toMatch(/"GET \/tandem\/socket\.io\/\S+ HTTP\/1\.1" 101 /);
  for (const path of [
    "",
    "/tasks",
    "/tasks/emoji-style",
    "/account",
    "/experiments/new",
    "/tasks/new",
  ])
    await researcher.goto(site.url + path, { waitUntil: "networkidle" });
  await researcher
    .getByRole("link", { name: /Tandem/ })
    .first()
    .click();
  await expect(researcher.getByRole("link", { name: /Leaves/ })).toBeVisible();
  // The owner's link, opened once more.
  expect(site.faults).toEqual([`404 of ${site.url}/api/accounts/link`]);
});

test("asked to end, the server ends in order", async () => {
  expect(await site.stop()).toBe(0);
  expect(site.server.output()).toContain('"signal":"SIGTERM","msg":"closing"');
});
