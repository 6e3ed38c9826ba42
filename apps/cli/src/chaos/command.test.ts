import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { root } from "../harness/server-process";
import { verdictOf } from "./check";
import { chaosFaults, faultOf, killOf } from "./faults";

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

test("strangers' nonsense breaks nothing and harms nobody", { timeout: 240_000 }, async () => {
  const { report, code } = await chaos(
    "--rounds 4 --fail 0 --kill-every 0 --clients 3 --deadline 10 --strangers 4".split(" "),
  );
  const [, acknowledged] = /^4 of 4 rounds done, 0 of (\d+) acknowledged/m.exec(report) ?? [];
  expect(Number(acknowledged)).toBe(12); // all answers of the three
  const [, refused] = /what strangers sent +(\d+) refused/.exec(report) ?? [];
  expect(Number(refused)).toBeGreaterThan(50);
  expect(code).toBe(0);
});

const told = { taken: 0, refused: 1, unanswered: 0, broken: [] };
const played = { acknowledged: [], ended: [], told };
const good = {
  rounds: 4,
  lost: [],
  resumes: 1,
  refused: 0,
  steps: 3,
  differing: [],
  taken: new Set<string>(),
  isSameState: true,
};

test.each([
  ["an upload is lost", played, { lost: [{ slot: 0, round: 1, hash: "a" }] }],
  ["an aggregate has other bytes", played, { differing: [{ sequence: 1, type: "aggregated" }] }],
  ["the log leads elsewhere", played, { isSameState: false }],
  ["a round is missing", played, { rounds: 3 }],
  ["a stranger breaks the server", { ...played, told: { ...told, broken: ["join"] } }, {}],
  ["a client has given up", { ...played, ended: ["client 0"] }, {}],
])("is no success when %s", (_, how, found) => {
  expect(verdictOf(4, played, good).isGood).toBe(true);
  expect(verdictOf(4, how, { ...good, ...found }).isGood).toBe(false);
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
