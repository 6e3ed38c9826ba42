import { readdir, readFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { signedJoin } from "@tandem/coordinator/testing/signing";
import { experiment } from "@tandem/coordinator/testing/world";
import { auditActions } from "@tandem/protocol/audit-actions";
import { protocolVersion, requests } from "@tandem/protocol/events";
import type { MeView } from "@tandem/protocol/view";
import { openTestDatabase } from "@tandem/storage/testing/test-database";
import { pino } from "pino";
import { io } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Who } from "../lib/may";
import { currentVisit } from "../lib/visit";
import { access, ruleOf } from "./access";
import { defaultLimits } from "./limits";
import { createMetrics } from "./metrics";
import { serve } from "./serve";
import { signedIn, testAccounts } from "./testing/accounts";
import { memoryPlatform } from "./testing/open-server";

const visitors = [
  "nobody",
  "participant",
  "viewer",
  "researcher",
  "token", // a researcher's
  "spender", // a researcher who may spend
  "owner",
] as const;
type Name = (typeof visitors)[number];

/** Whom each word of the table lets in, said once more. */
const letsIn: Readonly<Record<Who, readonly Name[]>> = {
  anyone: visitors,
  operator: visitors, // of this machine
  participant: ["participant", "spender", "owner"],
  viewer: ["viewer", "researcher", "token", "spender", "owner"],
  researcher: ["researcher", "token", "spender", "owner"],
  spender: ["spender", "owner"],
  account: ["viewer", "researcher", "spender", "owner"],
  owner: ["owner"],
};
const tableOf = (kind: keyof typeof access) =>
  Object.keys(access[kind]).map((name) => [name, ruleOf(kind, name).who] as const);

const database = openTestDatabase();
afterAll(async () => (await database).close());

/** All are on one database, so that those without accounts come first. */
async function open(isExposed: boolean) {
  const { accounts, spending } = await testAccounts(isExposed, { on: database });
  const platform = memoryPlatform({ accounts, spending, costs: async () => true });
  const { coordinator } = platform;
  const running = await serve({
    platform,
    backbones: join(tmpdir(), "tandem-no-backbones"),
    metrics: createMetrics(),
    limits: { ...defaultLimits, requestsPerSecond: 10_000 },
    pages: async (_, response) => void response.end(JSON.stringify(currentVisit().visitor)),
    port: 0,
    log: pino({ level: "silent" }),
  });
  const { id } = await coordinator.create(experiment());
  const { port } = new URL(running.url);
  return {
    ...{ accounts, id, port, url: `http://127.0.0.1:${port}`, routes: running.routes },
    async close() {
      await running.close();
      await coordinator.close();
    },
  };
}
type Opened = Awaited<ReturnType<typeof open>>;
type Headers = Readonly<Record<string, string>>;

const joining = (id: string) => ({ version: protocolVersion, experiment: id, device: "test" });

/** The token of a place, which is taken until the server closes: who leaves without an answer is forgotten. */
async function joined({ url, id }: Opened): Promise<string> {
  const socket = io(url, { transports: ["websocket"], reconnection: false });
  const join = await signedJoin((...asked) => socket.emitWithAck(...asked), joining(id) as never);
  const reply = await socket.emitWithAck("join", join);
  if (!reply.ok) throw new Error(reply.error.message);
  await socket.emitWithAck("ready", { samples: 10, device: "test" });
  return reply.token;
}

/** What each visitor's requests bear. */
async function headersOf(server: Opened): Promise<Readonly<Record<Name, Headers>>> {
  const { accounts, url } = server;
  const cookieOf = async (...[role, maySpend]: [Parameters<typeof signedIn>[2], boolean?]) => {
    const { cookie } = await signedIn(accounts, url, role, maySpend);
    return { cookie };
  };
  const owner = await cookieOf("owner");
  const researcher = await cookieOf("researcher");
  const id = (await accounts.store.list()).find(({ role }) => role === "researcher")?.id ?? "";
  const { token } = await accounts.addToken(id, "CLI");
  return {
    nobody: {},
    participant: { authorization: `Bearer ${await joined(server)}` },
    viewer: await cookieOf("viewer"),
    researcher,
    token: { authorization: `Bearer ${token}` },
    spender: await cookieOf("researcher", true),
    owner,
  };
}

/** From which routes this visitor is kept, with how. Whoever signs out would be nobody for the rest. */
async function refusals({ url, id, routes }: Opened, headers: Headers) {
  const found: [route: string, status: number][] = [];
  for (const route of routes.filter((one) => one !== "POST /api/sign-out")) {
    const [method, path] = route.split(" ");
    const own = /(paintings|joining)$/.test(path) ? path.replace(":id", id) : path;
    const { status } = await fetch(url + own.replace(/:\w+/g, "1"), {
      method,
      headers: { ...headers, "content-type": "application/json" },
      ...(method !== "GET" && { body: "{}" }),
    });
    if (status === 401 || status === 403) found.push([route, status]);
  }
  return Object.fromEntries(found);
}

/** From which routes the table keeps these visitors. */
const barred = (status: number, isLetIn: (who: Who) => boolean) =>
  Object.fromEntries(
    tableOf("routes").flatMap(([route, who]) => (isLetIn(who) ? [] : [[route, status]])),
  );

test("what changes something is for researchers and above, but for what is said here again", () => {
  const changing = tableOf("routes").filter(([route]) => !route.startsWith("GET "));
  const lenient = changing.filter(([, who]) => letsIn[who].includes("viewer"));
  expect(lenient.filter(([, who]) => who !== "account")).toEqual([
    ["POST /api/sign-in", "anyone"],
    ["POST /api/sign-out", "anyone"],
    ["POST /api/sign-in/passkey/options", "anyone"],
    ["POST /api/sign-in/passkey", "anyone"],
    ["POST /api/accounts/link", "anyone"],
    ["POST /api/accounts", "anyone"],
    ["POST /api/accounts/password-link", "anyone"],
    ["POST /api/accounts/password", "anyone"],
    ["DELETE /api/experiments/:id/paintings/:painting", "anyone"],
    ["POST /api/previews", "viewer"],
  ]);
});

test("what changes something, and what takes along, is known to the audit log, but for what is said here again", () => {
  const changing = Object.keys(access.routes).filter((route) => !route.startsWith("GET "));
  const exports = Object.keys(access.routes).filter((route) =>
    /^GET .*(jsonl|csv|zip)$/.test(route),
  );
  const silent = [...changing, ...exports].filter((route) => !ruleOf("routes", route).action);
  expect(silent).toEqual([
    "POST /api/sign-in/passkey/options",
    "POST /api/accounts/link",
    "POST /api/accounts/password-link",
    "POST /api/me/passkeys/options",
    "GET /api/experiments/:id/adapter.zip", // of participants
  ]);
  const used = Object.keys(access.routes).map((route) => ruleOf("routes", route).action);
  const elsewhere = ["owner-link.make", "owner-link.use", "teacher.spend", "backup.restore"];
  expect(auditActions.filter((action) => !used.includes(action))).toEqual(elsewhere);
});

test("while nobody has an account, strangers may take part and nothing else", async () => {
  const server = await open(true);
  const expected = barred(401, (who) => letsIn[who].includes("nobody"));
  expect(await refusals(server, {})).toEqual(expected);
  expect(await joined(server)).toMatch(/^[\w-]{16,}$/);
  await server.close();
});

test("while nobody has an account, this machine may do everything that needs none", async () => {
  const server = await open(false);
  expect(await refusals(server, {})).toEqual(barred(403, (who) => who !== "account"));
  await server.close();
});

describe("a server with accounts", () => {
  let server: Opened;
  let headers: Readonly<Record<Name, Headers>>;
  beforeAll(async () => {
    server = await open(true);
    headers = await headersOf(server);
  });
  afterAll(() => server.close());

  test("the table has each route, page and event that there is, and no other", async () => {
    expect(Object.keys(access.routes).sort()).toEqual(server.routes.toSorted());
    const files = await readdir(resolve(import.meta.dirname, "../app"), { recursive: true });
    const pages = files
      .filter((file) => /(^|\/)page\.tsx$/.test(file))
      .map((file) => `/${file.replace(/\/?page\.tsx$/, "").replace(/\[(\w+)\]/g, ":$1")}`);
    expect(Object.keys(access.pages).sort()).toEqual(pages.sort());
    expect(Object.keys(access.events).sort()).toEqual(Object.keys(requests).sort());
    const code = await readFile(join(import.meta.dirname, "serve.ts"), "utf8");
    const handlers = [...code.matchAll(/if \(await (\w+)\(request, response\)\) return;/g)];
    expect(handlers.map(([, name]) => name).sort()).toEqual(Object.keys(access.handlers).sort());
  });

  test.each(visitors)("routes let in %s where the table says so, and only there", async (name) => {
    const status = name === "nobody" || name === "participant" ? 401 : 403;
    const expected = barred(status, (who) => letsIn[who].includes(name));
    expect(await refusals(server, headers[name])).toEqual(expected);
  });

  test.each(visitors)(
    "pages let in %s where the table says so, and know who it is",
    async (name) => {
      const roles: Partial<Record<Name, string>> = {
        ...{ viewer: "viewer", researcher: "researcher", token: "researcher" },
        ...{ spender: "researcher", owner: "owner" },
      };
      for (const [page, who] of tableOf("pages")) {
        const response = await fetch(server.url + page.replace(/:\w+/g, "1"), {
          headers: headers[name],
          redirect: "manual",
        });
        const isLetIn = letsIn[who].includes(name);
        expect([page, response.status]).toEqual([page, isLetIn ? 200 : 303]);
        if (!isLetIn) expect(response.headers.get("location")).toMatch(/^\/sign-in\?next=%2F/);
        else {
          const me = (await response.json()) as MeView;
          expect(me.role).toBe(roles[name]);
        }
      }
    },
  );

  test.each([
    "/experiments/new/",
    "//tasks",
    "/join/../tasks",
    "/_next/static/../../tasks",
    "/_next/static/%2e%2e/%2e%2e/tasks",
    "/join/1/more",
    "/experiments/%6eew",
    "/anything",
  ])("%s is no way around the sign-in page", async (path) => {
    const status = await new Promise((done) =>
      request({ port: server.port, path }, (reply) => done(reply.resume().statusCode)).end(),
    );
    expect(status).toBe(303);
  });

  test.each(visitors)("events let in %s where the table says so, and only there", async (name) => {
    const socket = io(server.url, { extraHeaders: headers[name], transports: ["websocket"] });
    const zeros = "0".repeat(64);
    const bodies: Readonly<Record<string, unknown>> = {
      challenge: {},
      join: joining("none"),
      ready: { samples: 1, device: "test" },
      progress: { round: 1, stage: "train", fraction: 0 },
      upload: { round: 1, instruction: zeros, hash: zeros, metrics: {}, signature: "x".repeat(86) },
      fail: { round: 1, message: "no" },
      leave: {},
      erase: { experiment: "none", key: { public: "x".repeat(87), proof: "x".repeat(86) } },
      watch: { experiment: server.id },
    };
    for (const [event, who] of tableOf("events")) {
      const { error } = await socket.emitWithAck(event, bodies[event]);
      const isRefused = /^(Sign in first|You are a )/.test(error?.message ?? "");
      expect([event, isRefused]).toEqual([event, !letsIn[who].includes(name)]);
    }
    socket.close();
  });
});
