import { createApi } from "@tandem/cli/harness/rest-client";
import { absentTeacher } from "@tandem/coordinator/absent-teacher";
import { experiment } from "@tandem/coordinator/testing/world";
import { hourMs } from "@tandem/core/duration";
import { systemClock } from "@tandem/core/system-clock";
import { u8 } from "@tandem/core/tensor";
import type {
  AccountLinkView,
  AccountView,
  ApiError,
  AuditView,
  NewAccountLinkView,
  SpendingView,
} from "@tandem/protocol/view";
import { pino } from "pino";
import { io } from "socket.io-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { defaultLimits } from "../limits";
import { createMetrics } from "../metrics";
import { serve } from "../serve";
import { password, signedIn, testAccounts } from "../testing/accounts";
import { memoryPlatform, testAudit } from "../testing/open-server";
import { hostFor, isExposed, welcome } from "./exposure";
import { triesPerMinute } from "./routes";
import { createSpending, paidFrom, refusedIn } from "./spending";

let time = Date.now();

async function open() {
  const opened = await testAccounts(true, { now: () => time });
  const { accounts } = opened;
  const audit = testAudit({ clock: { ...systemClock, now: () => time } });
  const spending = createSpending(accounts.store.spending, () => time, refusedIn(audit));
  const platform = memoryPlatform({ accounts, spending, audit, costs: async () => true });
  const { coordinator } = platform;
  const running = await serve({
    platform,
    backbones: "/nowhere",
    metrics: createMetrics(),
    limits: defaultLimits,
    port: 0,
    log: pino({ level: "silent" }),
  });
  const url = `http://127.0.0.1:${new URL(running.url).port}`;
  const secrets = new Set<string>([password]);
  const ask = async (method: string, path: string, body: unknown, cookie?: string) => {
    const response = await fetch(`${url}/api/${path}`, {
      method,
      headers: { "content-type": "application/json", ...(cookie && { cookie }) },
      ...(method !== "GET" && { body: JSON.stringify(body) }),
    });
    const all = `${JSON.stringify(body)} ${await response.clone().text()}`;
    for (const [, secret] of all.matchAll(/"(?:token|password|current|next)":"([^"]{6,})"/g))
      secrets.add(secret);
    return response;
  };
  return {
    ...{ accounts, audit, spending, coordinator, url, ask, secrets },
    async given<T>(...asked: Parameters<typeof ask>): Promise<T> {
      const response = await ask(...asked);
      const text = await response.text();
      if (!response.ok) throw new Error(text);
      return (text === "" ? undefined : JSON.parse(text)) as T;
    },
    async refusal(...asked: Parameters<typeof ask>): Promise<string> {
      const response = await ask(...asked);
      const { error } = (await response.json()) as ApiError;
      return `${response.status} ${error.message}`;
    },
    async close() {
      await running.close();
      await audit.close();
      await coordinator.close();
      await opened.close();
    },
  };
}

let server: Awaited<ReturnType<typeof open>>;
beforeAll(async () => {
  server = await open();
});
afterAll(() => server.close());
const later = (ms: number) => {
  time += ms;
};
const ada = { name: "Ada", email: "ada@example.org", password };
let owner = "";
/** Ada's, once she has changed it. */
const latest = "another horse battery";

test("the console's link makes the first owner once, while it is fresh and the newest", async () => {
  const { accounts, ask, refusal } = server;
  const old = await accounts.ownerToken();
  const text = await welcome(accounts, "https://tandem.example.org/study/");
  expect(text).toMatch(/OTHERS REACH THIS SERVER, AND NOBODY HAS AN ACCOUNT/);
  const [, token] =
    /^ {2}https:\/\/tandem\.example\.org\/study\/accounts\/new#([\w-]+)$/m.exec(text) ?? [];
  const used = /^404 This link has been used, revoked or is too old/;
  expect(await refusal("POST", "accounts", { ...ada, token: old })).toMatch(used);
  expect(await refusal("POST", "accounts", { ...ada, token, password: "short" })).toMatch(
    /^400 password: must have 10 characters or more/,
  );
  later(25 * hourMs);
  expect(await refusal("POST", "accounts", { ...ada, token })).toMatch(used);
  const fresh = await accounts.ownerToken();
  const made = await ask("POST", "accounts", { ...ada, token: fresh });
  expect(made.status).toBe(200);
  expect(made.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^tandem\.session_token=.*HttpOnly.*SameSite=Lax/i),
  ]);
  owner = made.headers.getSetCookie().join();
  const again = { ...ada, email: "eve@example.org", token: fresh };
  expect(await refusal("POST", "accounts", again)).toMatch(used);
  expect(await accounts.ownerToken()).toBeUndefined();
  expect(await welcome(accounts, "http://localhost")).toBe("");
  later(60_000);
});

test("no link, token or password is kept as it is", async () => {
  const { accounts, given } = server;
  const { token: link } = await given<NewAccountLinkView>(
    "POST",
    "account-links",
    { role: "viewer" },
    owner,
  );
  const { token } = await given<{ token: string }>("POST", "me/tokens", { name: "CLI" }, owner);
  const [{ id }] = await accounts.store.list();
  const { internalAdapter } = await accounts.auth.$context;
  const kept = JSON.stringify([
    await accounts.store.links.list(time),
    await accounts.store.tokens.of(id),
    await internalAdapter.findAccounts(id),
  ]);
  for (const secret of [link, token, password]) expect(kept).not.toContain(secret);
  expect(kept).toContain('"password":"');
});

test("somebody invited has the link's role, which an owner changes and ends, sockets included", async () => {
  const { accounts, coordinator, given, refusal, url } = server;
  const { cookie, email } = await signedIn(accounts, url, "viewer");
  const { id } = await coordinator.create(experiment());
  const create = () => refusal("POST", "experiments", {}, cookie);
  expect(await create()).toMatch(/^403 You are a viewer here: this needs a researcher/);
  const list = await given<readonly AccountView[]>("GET", "accounts", undefined, owner);
  const account = list.find((one) => one.email === email)?.id ?? "";
  await given("PUT", `accounts/${account}`, { role: "researcher" }, owner);
  expect(await create()).toMatch(/^400 name/);
  expect(await refusal("POST", `experiments/${id}/start`, {}, cookie)).toMatch(
    /^403 Your account may not spend what a teacher costs/,
  );
  expect(await refusal("PUT", `accounts/${account}`, { role: "owner" }, cookie)).toMatch(/^403/);

  const socket = io(url, { extraHeaders: { cookie }, transports: ["websocket"] });
  expect(await socket.emitWithAck("watch", { experiment: id })).toEqual({ ok: true });
  const closed = new Promise<string>((resolve) => socket.once("disconnect", resolve));
  await given("DELETE", `accounts/${account}`, undefined, owner);
  expect(await closed).toBe("io server disconnect");
  expect(await create()).toMatch(/^401 Sign in first/);
  const me = list.find((one) => one.role === "owner")?.id;
  expect(await refusal("DELETE", `accounts/${me}`, undefined, owner)).toMatch(
    /^409 Ada is the only owner/,
  );
});

test("a program that looks on by a token that is revoked sees no more", async () => {
  const { coordinator, given, url } = server;
  const [{ id }] = await coordinator.list();
  const made = await given<{ id: string; token: string }>(
    "POST",
    "me/tokens",
    { name: "Screen" },
    owner,
  );
  const extraHeaders = { authorization: `Bearer ${made.token}` };
  const socket = io(url, { extraHeaders, transports: ["websocket"], reconnection: false });
  expect(await socket.emitWithAck("watch", { experiment: id })).toEqual({ ok: true });
  const closed = new Promise<string>((resolve) => socket.once("disconnect", resolve));
  await given("DELETE", `me/tokens/${made.id}`, undefined, owner);
  expect(await closed).toBe("io server disconnect");
});

test("whoever signs out is out, also with a copy of the cookie", async () => {
  const { ask, given, refusal } = server;
  later(60_000);
  const entered = await ask("POST", "sign-in", { email: " ADA@example.org", password });
  const cookie = entered.headers.getSetCookie().join();
  expect(await given("GET", "me", undefined, cookie)).toMatchObject({ name: "Ada", role: "owner" });
  await ask("POST", "sign-out", {}, cookie);
  expect(await refusal("GET", "accounts", undefined, cookie)).toMatch(/^401/);
});

test("passwords are tried so many times a minute, and the wrong one does not say what is wrong", async () => {
  const { ask, refusal } = server;
  later(60_000);
  const wrong = { email: ada.email, password: "wrong horse battery" };
  const told = await refusal("POST", "sign-in", wrong);
  expect(told).toMatch(/^401 /);
  expect(await refusal("POST", "sign-in", { ...wrong, email: "none@example.org" })).toBe(told);
  for (let i = 2; i < triesPerMinute; i++) await ask("POST", "sign-in", wrong);
  const limited = await refusal("POST", "sign-in", { email: ada.email, password });
  expect(limited).toMatch(/^429 10 tries a minute: try again in \d+ s\.$/);
  later(60_000);
  expect((await ask("POST", "sign-in", { email: ada.email, password })).status).toBe(200);
});

test("a token lets the command line in until it is revoked, and makes nobody an owner", async () => {
  const { given, url } = server;
  const { id, token } = await given<{ id: string; token: string }>(
    "POST",
    "me/tokens",
    { name: "CLI" },
    owner,
  );
  await expect(createApi(url).list()).rejects.toThrow(/unauthorised, Sign in first/);
  expect(await createApi(url, token).list()).toHaveLength(1);
  const headers = { authorization: `Bearer ${token}` };
  expect((await fetch(`${url}/api/accounts`, { headers })).status).toBe(403);
  await given("DELETE", `me/tokens/${id}`, undefined, owner);
  await expect(createApi(url, token).list()).rejects.toThrow(/unauthorised/);
});

test("what a day's budget does not have is refused with the reason, and an owner may give more", async () => {
  const { given, refusal, spending } = server;
  await given("PUT", "spending/remote", { perDay: 5 }, owner);
  await spending.spend("remote", 3);
  await expect(spending.spend("remote", 3)).rejects.toThrow(
    /remote teacher: the server may spend 5 a day, 2 are left and 3 were asked for/,
  );
  const view = await given<readonly SpendingView[]>("GET", "spending", undefined, owner);
  expect(view.find(({ kind }) => kind === "remote")).toMatchObject({ spent: 3, perDay: 5 });
  await given("PUT", "spending/remote", { perDay: 6 }, owner);
  await spending.spend("remote", 3);
  later(24 * hourMs);
  let asked = 0;
  const generate = async ({ prompts }: { readonly prompts: readonly string[] }) => {
    asked += prompts.length;
    return u8([prompts.length, 1, 1, 3], new Uint8Array(3 * prompts.length));
  };
  const teacher = paidFrom({ ...absentTeacher, generate }, spending);
  const request = { prompts: ["a leaf", "a tree", "a root"], seed: 1, steps: 1, guidance: 1 };
  for (let i = 0; i < 2; i++) await teacher.generate(request);
  await expect(teacher.generate(request)).rejects.toThrow(/may spend 6 a day, 0 are left/);
  expect(asked).toBe(6);
  expect(await refusal("PUT", "spending/gold", { perDay: 1 }, owner)).toMatch(/^404/);
});

test("a password is changed by whoever knows it, and ends other sessions", async () => {
  const { ask, refusal } = server;
  later(60_000);
  const enter = async () =>
    (await ask("POST", "sign-in", { email: ada.email, password })).headers.getSetCookie().join();
  const [here, elsewhere] = [await enter(), await enter()];
  const next = latest;
  expect(await refusal("PUT", "me/password", { current: "no", next }, here)).toMatch(/^400/);
  expect((await ask("PUT", "me/password", { current: password, next }, here)).status).toBe(200);
  expect((await ask("GET", "accounts", undefined, elsewhere)).status).toBe(401);
  expect((await ask("POST", "sign-in", { email: ada.email, password: next })).status).toBe(200);
});

test("an owner's link sets a password once, within a day, and ends all sessions of its account", async () => {
  const { accounts, ask, given, refusal, url } = server;
  later(60_000);
  const cookie = (await ask("POST", "sign-in", { email: ada.email, password: latest })).headers
    .getSetCookie()
    .join();
  const { email, cookie: theirs } = await signedIn(accounts, url, "viewer");
  const list = await given<readonly AccountView[]>("GET", "accounts", undefined, cookie);
  const id = list.find((one) => one.email === email)?.id;
  const make = async () =>
    (await given<NewAccountLinkView>("POST", `accounts/${id}/password-link`, {}, cookie)).token;
  expect(await refusal("POST", "accounts/nobody/password-link", {}, cookie)).toMatch(/^404/);
  const former = await make();
  const token = await make();
  const links = await given<readonly AccountLinkView[]>("GET", "account-links", undefined, cookie);
  expect(links.filter(({ holder }) => holder === "A viewer")).toHaveLength(1);
  const next = "a third horse battery";
  const gone = /^404 This link has been used, revoked or is too old/;
  expect(await refusal("POST", "accounts/password", { token: former, password: next })).toMatch(
    gone,
  );
  expect(await refusal("POST", "accounts", { ...ada, token })).toMatch(gone);
  expect(await refusal("POST", "accounts/password", { token, password: "short" })).toMatch(
    /^400 password: must have 10/,
  );
  expect(await given("POST", "accounts/password-link", { token })).toMatchObject({ email });
  expect((await ask("GET", "experiments", undefined, theirs)).status).toBe(200);
  const set = await ask("POST", "accounts/password", { token, password: next });
  expect(set.status).toBe(200);
  const fresh = set.headers.getSetCookie().join();
  expect((await ask("GET", "experiments", undefined, fresh)).status).toBe(200);
  expect((await ask("GET", "experiments", undefined, theirs)).status).toBe(401);
  expect(await refusal("POST", "sign-in", { email, password })).toMatch(/^401/);
  expect(await refusal("POST", "accounts/password", { token, password: next })).toMatch(gone);
  const late = await make();
  later(25 * hourMs);
  expect(await refusal("POST", "accounts/password-link", { token: late })).toMatch(gone);
});

test("the audit log has who did what, for owners to look through and take along, and no secret", async () => {
  const { accounts, audit, ask, given, secrets, url } = server;
  later(60_000);
  const entered = await ask("POST", "sign-in", { email: ada.email, password: latest });
  const cookie = entered.headers.getSetCookie().join();
  const formula = { name: "=1+1", email: "formula@example.org", password };
  const { token } = await accounts.link({ role: "viewer", maySpend: false, madeBy: null });
  await expect(given("POST", "accounts", { ...formula, token })).rejects.toThrow(/used, revoked/);
  const list = await given<readonly AccountView[]>("GET", "accounts", undefined, cookie);
  const me = list.find(({ email }) => email === ada.email)?.id ?? "";
  const link = await accounts.link({ role: "viewer", maySpend: false, madeBy: me });
  await given("POST", "accounts", { ...formula, token: link.token });
  const look = async (query: string) =>
    (await given<AuditView>("GET", `audit?${query}`, undefined, cookie)).entries;
  const found = async (query: string) => {
    const [{ at: _, sequence: __, ...rest }] = await look(query);
    return rest;
  };
  const by = { by: "account", account: me, name: "Ada", role: "owner", count: 1 };
  expect(await found("action=owner-link.use")).toEqual({
    ...{ ...by, action: "owner-link.use", thing: me, detail: "owner", outcome: "done" },
  });
  expect(await found("action=account.create&who=%3D1")).toMatchObject({ detail: "viewer" });
  expect(await found("action=account.role&who=ada")).toMatchObject({
    ...{ ...by, detail: "researcher", outcome: "done" },
  });
  expect(await found("action=account.remove&who=ada")).toMatchObject({
    ...{ outcome: "refused", reason: expect.stringMatching(/^conflict: Ada is the only owner/) },
  });
  const guessed = (await look("action=sign-in&who=nobody")).filter(({ thing }) => thing === me);
  expect(guessed.length).toBeGreaterThan(0);
  expect(guessed[0]).toMatchObject({ outcome: "refused", reason: "unauthorised" });
  expect(await found("action=teacher.spend")).toMatchObject({
    ...{ by: "server", thing: "remote", outcome: "refused" },
  });
  expect(await found("action=token.make")).toMatchObject({ ...by, detail: "CLI" });
  expect(await found("action=password.change")).toMatchObject(by);
  expect(await found("action=password.link&who=ada")).toMatchObject(by);
  expect(await found("action=password.reset&who=viewer")).toMatchObject({ name: "A viewer" });
  const today = new Date(time).toISOString().slice(0, 10);
  expect((await look(`from=${today}&to=${today}&action=sign-in`)).length).toBeGreaterThan(0);
  expect(await look("to=2020-01-01")).toEqual([]);
  expect(await server.refusal("GET", "audit?from=now", undefined, cookie)).toMatch(/^400 from: /);

  const csv = await (await ask("GET", "audit.csv", undefined, cookie)).text();
  const lines = await (await ask("GET", "audit.jsonl", undefined, cookie)).text();
  expect(csv).toMatch(/^sequence,at,by,account,/);
  expect(csv).toContain(`,"'=1+1",`);
  expect(csv).not.toMatch(/,"?=1/);
  expect(
    lines
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toContainEqual(expect.objectContaining({ action: "audit.export", name: "Ada" }));
  await audit.close();
  const everything = JSON.stringify([csv, lines, await audit.list({}, 1000)]);
  expect(secrets.size).toBeGreaterThan(5);
  for (const secret of secrets) expect(everything).not.toContain(secret);
  for (const part of [cookie.split(/[=;]/)[1], link.token, "127.0.0.1", url])
    expect(everything).not.toContain(part);
});

test.each([
  [undefined, false, false],
  [undefined, true, true],
  ["127.0.0.1", true, false],
  ["127.8.0.1", false, false],
  ["::1", true, false],
  ["localhost", true, false],
  ["0.0.0.0", false, true],
  ["192.168.1.7", false, true],
])("asked to listen on %s, with an owner: %s, others get in: %s", (host, hasOwner, exposed) => {
  const listening = { host: hostFor(host, hasOwner), publicUrl: undefined };
  expect(isExposed(listening)).toBe(exposed);
  expect(isExposed({ ...listening, publicUrl: new URL("https://example.org") })).toBe(true);
});
