import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TandemError } from "@tandem/core/errors";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { readRecords } from "../experiments/record";
import { root } from "../harness/server-process";
import { simulateCommand } from "./command";
import { type ExperimentRun, simulateExperiment } from "./experiment";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tandem-simulate-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function experiment(name: string, runs: readonly object[], localEpochs = 1) {
  const path = join(folder, `${name}.json`);
  const base = {
    dataset: "emoji-style",
    rounds: 1,
    clients: 2,
    strategyConfig: { localEpochs, warmUpEpochs: 0 },
  };
  const file = { name, description: "Small.", base, runs, seeds: [1], baseline: "local" };
  await writeFile(path, JSON.stringify(file));
  return path;
}

/** In this process, whose jobs are others; what was said and how it ended. */
async function simulate(path: string, options: Partial<ExperimentRun> = {}) {
  const lines: string[] = [];
  const error = await simulateExperiment(path, {
    threads: 1,
    out: join(folder, "results"),
    force: false,
    signal: new AbortController().signal,
    command: "npm run simulate -- resumed.json",
    say: (line) => lines.push(line),
    ...options,
  }).then(
    () => undefined,
    (thrown: TandemError) => thrown.code,
  );
  return { output: lines.join("\n"), error };
}

const local = { name: "local", strategy: "local" };

const attack = { kind: "label-flip", share: 0.5 };

it("records what is done, reports what fails, and skips what is recorded", async () => {
  const painted = { name: "painted", strategy: "synthetic-only", strategyConfig: { items: 8 } };
  const path = await experiment("resumed", [painted, { ...local, config: { attack } }]);
  const results = join(folder, "results/resumed.jsonl");

  vi.stubEnv("TANDEM_TEACHER_URL", "http://localhost:1");
  const first = await simulate(path);
  vi.unstubAllEnvs();
  expect(first.output).toMatch(/painted, seed 1: FAILED: .*without TANDEM_TEACHER_MODEL/s);
  expect(first.error).toBe("unavailable");
  const [record, ...others] = await readRecords(results);
  expect(others).toEqual([]);
  expect(record).toMatchObject({ experiment: "resumed", run: "local", seed: 1, threads: 1 });
  expect(record.command).toBe("npm run simulate -- resumed.json");
  expect(record.clients.map(({ modality }) => modality)).toEqual(["image", "text"]);
  expect(record.config.attack).toEqual(attack);
  expect(record.attackers).toHaveLength(1);
  const [{ metrics, accuracy, bytesUp, phaseMs }] = record.rounds;
  expect(accuracy.map((own) => typeof own)).toEqual(["number", "number"]);
  const [honest] = accuracy.filter((_, slot) => !record.attackers?.includes(slot));
  expect(metrics["accuracy/mean"]).toBe(honest);
  expect(bytesUp).toBeGreaterThan(0);
  expect(phaseMs.collecting).toBeGreaterThan(0);

  const again = await simulate(path, { only: ["local"] });
  expect(again.error).toBeUndefined();
  expect(again.output).toMatch(/1 job of 1 .* is in .*local\/1\nnothing to do/);
  expect(await readRecords(results)).toEqual([record]);

  const named = { ...local, name: "another", config: { attack } };
  const other = await simulate(await experiment("alike", [named, local]), {
    only: ["another"],
  });
  expect(other.output).toMatch(/1 job of 1 .* is in .*another\/1\nnothing to do/);

  const whole = await readFile(results, "utf8");
  await writeFile(results, `${whole}{"experiment":`);
  await expect(readRecords(results)).rejects.toThrow(/line 2: not a whole line.*delete the line/);
  expect((await simulate(path, { only: ["local"], force: true })).error).toBe("corrupt");
  await writeFile(results, whole);
  expect((await simulate(path, { only: ["fedavg"] })).error).toBe("not-found");
}, 120_000);

it("runs with settings that are gone are left out, and refused where they are asked for", async () => {
  const gone = { name: "gone", strategy: "fedmmkt", strategyConfig: { abTest: true } };
  const path = await experiment("retired", [gone, { ...local, config: { attack } }]);
  const { output, error } = await simulate(path);
  expect(error).toBeUndefined();
  expect(output).toMatch(/retired\.json: cannot be run any more: gone \(abTest\); a commit/);
  expect(output).toMatch(/1 job of 1 .* local\/1\nnothing to do/); // recorded above
  expect((await simulate(path, { only: ["gone", "local"] })).error).toBe("bad-config");
});

it("Ctrl-C stops, records nothing half-done and says how to go on", async () => {
  const path = await experiment("stopped", [local], 100);
  const main = join(root, "apps/cli/src/main.ts");
  const child = spawn(
    process.execPath,
    ["--import", "tsx", main, "simulate", path, "--out", join(folder, "results")],
    { cwd: root },
  );
  let output = "";
  child.stdout.once("data", () => child.kill("SIGINT"));
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text) => {
      output += text;
    });
  expect(await once(child, "close")).toEqual([130, null]);
  expect(output).toMatch(/Stopped: 0 of 1 job recorded .*the same command does the rest/);
  expect(existsSync(join(folder, "results/stopped.jsonl"))).toBe(false);
}, 60_000);

it("options that a file decides are refused, and those of a file for a data set", async () => {
  const typed = (...args: string[]) => simulateCommand().parseAsync(args, { from: "user" });
  await expect(typed("x.json", "--rounds", "3")).rejects.toThrow(/--rounds cannot .* x\.json/);
  await expect(typed("emoji-style", "--seeds", "1,2")).rejects.toThrow(/--seeds belong to/);
  await expect(typed("x.json", "--attack", "random:0.5")).rejects.toThrow(/--attack cannot change/);
  await expect(typed("emoji-style")).rejects.toThrow(/--out is missing/);
});

it("what is typed is refused before anything runs, with the way out", async () => {
  // What ran would first miss the data set.
  const typed = (...more: string[]) =>
    simulateCommand()
      .exitOverride()
      .configureOutput({ writeErr: () => {} })
      .parseAsync(["no-such-set", "--strategy", "local", "--out", join(folder, "none"), ...more], {
        from: "user",
      });
  const simulated = (attack: string) => typed("--attack", attack);
  await expect(typed()).rejects.toThrow(/no data set "no-such-set"/);
  await expect(typed("--set", "bogus=1")).rejects.toThrow(/local: .*Unrecognized key: "bogus"/);
  await expect(typed("--set", "__proto__=1")).rejects.toThrow(/--set.*__proto__ is no name/);
  await expect(typed("--config", "alpha=-1")).rejects.toThrow(/alpha: Too small/);
  await expect(typed("--strategy", "nope")).rejects.toThrow(/no strategy "nope": use one of/);
  await expect(simulated("colluding:0.5")).rejects.toThrow(/attack: .* not of local: use label-fl/);
  await expect(simulated("label-flip:0.01")).rejects.toThrow(/attack: .* of 6 clients is nobody/);
  await expect(simulated("sybil:0.5")).rejects.toThrow(/--attack.*must be kind:share, such as/);
  await expect(simulated("label-flip")).rejects.toThrow(/--attack.*must be kind:share, such as/);
  await expect(simulated("label-flip:2")).rejects.toThrow(/--attack.*a number from 0 to 1/);
  expect(existsSync(join(folder, "none"))).toBe(false);
});
