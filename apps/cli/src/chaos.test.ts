import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { verdictOf } from "./chaos-check";
import { chaosFaults, faultOf, killOf } from "./chaos-faults";
import { root } from "./server-process";

const share = 0.4;

test("a short chaos loses nothing", { timeout: 240_000 }, async () => {
  const flags = ["--rounds", "4", "--fail", String(share), "--kill-every", "2", "--clients", "3"];
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "apps/cli/src/main.ts", "chaos", ...flags, "--deadline", "2"],
    { cwd: root, stdio: ["ignore", "pipe", "inherit"] },
  );
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const exited = once(child, "exit");
  const stdout = await text(child.stdout);
  expect(stdout).toMatch(
    /^4 of 4 rounds done, 0 of [1-9]\d* acknowledged uploads lost, [1-9]\d* resumes, bit-equal yes$/m,
  );
  expect(stdout).toMatch(/SIGKILLs of the server +2$/m);
  expect((await exited)[0]).toBe(0);
});

const played = { acknowledged: [], ended: [] };
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
