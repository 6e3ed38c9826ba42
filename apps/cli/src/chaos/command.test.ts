import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { clientId } from "@tandem/core/ids";
import { createKeyPair, deviceKeyOf } from "@tandem/protocol/device-key";
import { expect, onTestFinished, test } from "vitest";
import { root } from "../harness/server-process";
import { strayOf } from "./check";
import { chaosFaults, faultOf, killOf } from "./faults";
import { type Health, healthVerdict, waitsOf } from "./health/verdict";
import { verdictOf } from "./report";
import { createJudge, emptyTally } from "./strangers/judge";
import { kinds } from "./strangers/kinds";
import type { Told } from "./strangers/process";
import { openSocketLine } from "./strangers/socket-line";

const share = 0.4;

async function chaos(flags: readonly string[]) {
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "apps/cli/src/main.ts", "chaos", ...flags],
    { cwd: root, stdio: ["ignore", "pipe", "inherit"] },
  );
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const exited = once(child, "exit");
  const report = await text(child.stdout);
  return { report, code: (await exited)[0] };
}

test("failing clients and a server killed twice lose nothing", { timeout: 240_000 }, async () => {
  const { report, code } = await chaos(
    "--rounds 4 --fail 0.4 --kill-every 2 --clients 3 --deadline 2".split(" "),
  );
  expect(report).toMatch(
    /^4 of 4 rounds done, 0 of [1-9]\d* acknowledged uploads lost, [1-9]\d* resumes, bit-equal yes$/m,
  );
  expect(report).toMatch(/SIGKILLs of the server +2$/m);
  expect(code).toBe(0);
});

test("strangers of every kind get nothing and harm nobody", { timeout: 240_000 }, async () => {
  // How long /healthz may wait is for a run by itself: other tests are under way here.
  const { report } = await chaos(
    "--rounds 5 --fail 0 --kill-every 0 --clients 3 --deadline 20 --rest 2 --strangers 20".split(
      " ",
    ),
  );
  expect(report).toMatch(/^5 of 5 rounds done, 0 of 15 acknowledged/m); // all answers of the three
  for (const { name } of kinds) {
    const [, tried, refused, through] =
      new RegExp(`^${name} +(\\d+) +(\\d+) +\\d+ +\\d+ +(\\d+) `, "m").exec(report) ?? [];
    expect([name, through]).toEqual([name, "0"]);
    if (!slow.includes(name)) expect([name, Number(tried) > 0]).toEqual([name, true]);
    expect(Number(refused)).toBeLessThanOrEqual(Number(tried));
  }
  expect(report).toMatch(/^\/healthz under attack +p50 .* of [1-9]\d/m);
});
/** Whose first visit may outlast the run. */
const slow = ["sluggards", "squatters"];

test("a server that dies between two handshakes does not hold a stranger up", async () => {
  const dying = createServer();
  dying.on("upgrade", (request, socket) => {
    const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash("sha1").update(key).digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    const open = JSON.stringify({ sid: "a", upgrades: [], pingInterval: 9e4, pingTimeout: 9e4 });
    socket.write(Buffer.concat([Buffer.from([0x81, open.length + 1]), Buffer.from(`0${open}`)]));
    setTimeout(() => socket.destroy(), 100);
  });
  dying.listen(0, "127.0.0.1");
  await once(dying, "listening");
  onTestFinished(() => void dying.close());
  const { port } = dying.address() as AddressInfo;
  const key = await deviceKeyOf(await createKeyPair());
  expect(await openSocketLine(`http://127.0.0.1:${port}`, key, {})).toBeUndefined();
});

const asked = { rounds: 4, clients: 3, fail: 0, killEvery: 0 };
const waits = { count: 500, p50: 2, p99: 20, most: 30, failed: 0 };
const health = {
  rest: { server: waits, bare: waits, slowed: 1 },
  attack: { server: waits, bare: waits, slowed: 1 },
};
const under = (server: object, bare: object = {}, rest: object = {}, slowed = 1): Health => ({
  rest: { server: { ...waits, ...rest }, bare: waits, slowed: 1 },
  attack: { server: { ...waits, ...server }, bare: { ...waits, ...bare }, slowed },
});
const upload = { slot: 0, round: 1, hash: "a" };
const told: Told = { babblers: { ...emptyTally(), tried: 1, refused: { "401": 1 } } };
const acknowledged = Array<typeof upload>(12).fill(upload);
const played = { acknowledged, wrong: [], told, health, kills: 0 };
const good = {
  rounds: 4,
  lost: [],
  stray: [],
  resumes: 1,
  refused: 0,
  steps: 3,
  differing: [],
  taken: new Set<string>(),
  isSameState: true,
};

test.each([
  ["an upload is lost", played, { lost: [upload] }],
  ["an aggregate has other bytes", played, { differing: [{ sequence: 1, type: "aggregated" }] }],
  ["the log leads elsewhere", played, { isSameState: false }],
  ["a round is missing", played, { rounds: 3 }],
  ["an answer of the honest is missing", { ...played, acknowledged: acknowledged.slice(1) }, {}],
  [
    "a stranger gets through",
    { ...played, told: { babblers: { ...emptyTally(), through: 1 } } },
    {},
  ],
  ["a client has given up", { ...played, wrong: ["client 0"] }, {}],
  ["records are left", played, { stray: ["13 records"] }],
  ["/healthz waits", { ...played, health: under({ p99: 300 }) }, {}],
])("is no success when %s", (_, how, found) => {
  expect(verdictOf(asked, played, good).isGood).toBe(true);
  expect(verdictOf(asked, how, { ...good, ...found }).isGood).toBe(false);
});

test("/healthz may wait as long as the machine explains, and is judged by a hundred requests", () => {
  expect(healthVerdict(under({ p99: 249 }), 0)).toBe("good");
  expect(healthVerdict(under({ p99: 250 }), 0)).toBe("bad");
  expect(healthVerdict(under({ p99: 400 }, { p99: 100 }), 0)).toBe("good");
  expect(healthVerdict(under({ p99: 400 }, {}, { p99: 100 }), 0)).toBe("good");
  expect(healthVerdict(under({ p99: 401 }, { p99: 100 }, { p99: 100 }), 0)).toBe("bad");
  expect(healthVerdict(under({ p99: 500 }, {}, {}, 2.1), 0)).toBe("good");
  expect(healthVerdict(under({ p99: 500 }, {}, {}, 2), 0)).toBe("bad");
  expect(healthVerdict(under({ p99: 401, count: 99 }), 0)).toBe("too few");
  expect(healthVerdict(under({ p99: 4000 }), 1)).toBe("killed");
  const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
  expect(waitsOf(hundred, 3)).toEqual({ count: 100, p50: 50, p99: 99, most: 100, failed: 3 });
});

test("places that weigh more than they were dealt, and records of nobody, are found", () => {
  const record = (id: string, samples = 40) => ({ id: clientId(id), samples });
  const answered = new Set(["a"]);
  expect(strayOf({ clients: [record("a"), record("b")], answered, slots: 1 })).toEqual([]);
  expect(
    strayOf({ clients: [record("a", 1e6), record("b"), record("c")], answered, slots: 1 }),
  ).toEqual([
    "2 records of clients that have answered nothing, of 1 places",
    "a weighs 1000000 samples",
  ]);
});

test("the documentation lists every kind, as the code says it", async () => {
  const told = (await readFile(join(root, "docs/security.md"), "utf8")).replace(/ +/g, " ");
  for (const { name, does, never } of kinds)
    expect(told).toContain(`| ${name} | ${does} | ${never} |`);
});

test("a stranger's tally counts what it should not have had", () => {
  const tally = emptyTally();
  const { refused, allowed, never } = createJudge(tally, ["/secret/place"]);
  const answer = (code: string, text = "") => ({ isTaken: code === "200", code, text });
  refused("a", answer("401"));
  refused("b", undefined);
  allowed("c", answer("200"));
  never("d", false);
  expect(tally).toMatchObject({ tried: 4, allowed: 1, unanswered: 1, through: 0 });
  refused("e", answer("200"));
  refused("f", answer("500"));
  allowed("g", answer("404", "there is no /secret/place/x"));
  refused("h", answer("400", "Error\n    at run (file.js:1:2)"));
  never("i", true);
  expect(tally.how).toHaveLength(5);
  expect(tally.through).toBe(5);
  expect(tally.refused).toEqual({ "401": 1, held: 1 });
});

test("faults repeat with the seed, have their share, and leave a fourth attempt alone", () => {
  const all = Array.from({ length: 2000 }, (_, round) =>
    faultOf({ seed: 1, share }, { slot: 0, round, attempt: 1 }),
  );
  const again = faultOf({ seed: 1, share }, { slot: 0, round: 7, attempt: 1 });
  expect(again).toBe(all[7]);
  const struck = all.filter((fault) => fault !== undefined);
  expect(struck.length / all.length).toBeCloseTo(share, 1);
  expect(new Set(struck)).toEqual(new Set(chaosFaults));
  expect(faultOf({ seed: 1, share: 1 }, { slot: 0, round: 1, attempt: 4 })).toBeUndefined();
});

test("kills come with every so many rounds, or never", () => {
  const struck = [1, 2, 3, 4].map((round) => killOf({ seed: 1, every: 2 }, round) !== undefined);
  expect(struck).toEqual([false, true, false, true]);
  expect(killOf({ seed: 1, every: 0 }, 4)).toBeUndefined();
});
