import { expect, test } from "vitest";
import { currentVisit } from "../lib/visit";
import type { Pages } from "./draw-pages";
import { openServer } from "./testing/open-server";

const trustedProxies = ["127.0.0.1"];
/** Says what it was given, and what the REST interface answers to the paths that the query names. */
const pages: Pages = async (request, response) => {
  const { searchParams } = new URL(request.url ?? "", "http://localhost");
  const { ask, ...visit } = currentVisit();
  const asked = await Promise.all(searchParams.getAll("ask").map(ask));
  const policy = request.headers["content-security-policy"];
  const answers = asked.map(({ status, body }) => ({ status, body: String(body) }));
  response.end(JSON.stringify({ ...visit, policy, answers, url: request.url }));
};
const drawn = async (url: string, headers = {}) => {
  const response = await fetch(url, { headers });
  return { headers: response.headers, page: await response.json() };
};

test("every answer says who may frame it, load it and know of it", async () => {
  const { url } = await openServer({}, { pages, trustedProxies });
  const paths = [
    "/",
    "/api/experiments",
    "/api/nothing",
    "/healthz",
    "/api/blobs/x",
    "/backbones/a/b",
  ];
  for (const path of [
    ...paths,
    "/tfjs/tfjs-backend-wasm.wasm",
    "/socket.io/?EIO=4&transport=polling",
  ]) {
    const { headers } = await fetch(url + path);
    expect(headers.get("content-security-policy"), path).toMatch(
      /^default-src .*frame-ancestors 'none'$/,
    );
    expect(headers.get("x-frame-options"), path).toBe("DENY");
    expect(headers.get("x-content-type-options"), path).toBe("nosniff");
    expect(headers.get("referrer-policy"), path).toBe("same-origin");
    expect(headers.get("permissions-policy"), path).toMatch(/^camera=\(self\), .*microphone=\(\)/);
    expect(headers.get("strict-transport-security"), path).toBeNull();
  }
  const secure = await fetch(`${url}/healthz`, { headers: { "x-forwarded-proto": "https" } });
  expect(secure.headers.get("strict-transport-security")).toBe("max-age=31536000");
});

test("a page has a nonce of its own, and whoever asks names none", async () => {
  const { url } = await openServer({}, { pages });
  const asked = { "content-security-policy": "script-src 'nonce-known'" };
  const [first, second] = [await drawn(`${url}/`, asked), await drawn(`${url}/`, asked)];
  expect(first.page.nonce).toMatch(/^[\w+/]{22}==$/);
  expect(first.page.nonce).not.toBe(second.page.nonce);
  for (const { page, headers } of [first, second]) {
    expect(headers.get("content-security-policy")).toBe(page.policy);
    expect(page.policy).toContain(
      `script-src 'self' 'nonce-${page.nonce}' 'strict-dynamic' 'wasm-unsafe-eval';`,
    );
    expect(page.policy).toContain(`connect-src 'self' ${url.replace("http", "ws")};`);
  }
});

test("pages ask inside the process: within no address's limit, and for nothing that is the operator's", async () => {
  const { url } = await openServer({ requestsPerSecond: 1 }, { pages });
  const paths = ["/api/strategies", "/metrics", "/api/experiments/../../metrics", "/healthz"];
  const query = new URLSearchParams(
    [...Array(20).fill(paths[0]), ...paths].map((path) => ["ask", path]),
  );
  const { page } = await drawn(`${url}/?${query}`);
  const statuses = page.answers.map(({ status }: { status: number }) => status);
  expect(statuses).toEqual([...Array(21).fill(200), 404, 404, 404]);
});

test("pages know their public address, and that a join page has led to them", async () => {
  const publicUrl = new URL("https://lab.example/tandem/");
  const { url } = await openServer({}, { pages, publicUrl });
  const isFrom = async (referer: string) =>
    (await drawn(`${url}/tandem/join/a?auto=1`, { referer })).page.isFromJoinPage;
  expect(await isFrom("https://lab.example/tandem/join/a")).toBe(true);
  expect(await isFrom(`${url}/tandem/join/a`)).toBe(true);
  for (const odd of [
    "",
    "https://evil.example/tandem/join/a",
    "https://lab.example/join/a",
    "join",
  ])
    expect(await isFrom(odd), odd).toBe(false);
  for (const path of ["/tandem/join/a", "/join/a"]) {
    const { page } = await drawn(url + path);
    expect(page).toMatchObject({ address: "https://lab.example/tandem", url: "/tandem/join/a" });
  }
  expect((await drawn(`${url}/tandem`)).page.url).toBe("/tandem");
  expect((await fetch(`${url}/tandem/api/experiments`)).status).toBe(200);
  expect((await fetch(`${url}/tandem/socket.io/?EIO=4&transport=polling`)).status).toBe(200);
});
