import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "@tandem/core/json";
import { parseTask } from "@tandem/protocol/task";
import type { TaskView } from "@tandem/protocol/view";
import { expect, it } from "vitest";
import { estimate, type Work, worldOf } from "./estimate";

type Run = {
  readonly run: string;
  readonly config: {
    readonly dataset: string;
    readonly rounds: number;
    readonly clients: number;
    readonly strategy: string;
    readonly strategyConfig: JsonObject;
  };
  readonly clients: readonly { readonly bytesUp: number; readonly bytesDown: number }[];
  readonly rounds: readonly { readonly phaseMs: Readonly<Record<string, number>> }[];
};
const recorded = (file: string): readonly Run[] =>
  readFileSync(join(import.meta.dirname, `../../../../results/${file}.jsonl`), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Run);

const dealt = (id: string): TaskView => ({
  ...{ id, name: id, data: "dealt" },
  ...{ description: "", base: "" },
});
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const world = (run: Run) => {
  const known = worldOf(dealt(run.config.dataset), run.config.clients);
  if (!known) throw new Error(`nothing is known of ${run.config.dataset}`);
  return known;
};
const estimated = (run: Run) => {
  const { strategy, strategyConfig, rounds, clients } = run.config;
  const usesTeacher = "items" in strategyConfig || strategy === "fedktl";
  const work = { ...{ strategy, strategyConfig, rounds, clients }, participation: 1, usesTeacher };
  const made = estimate(work, world(run));
  if (!made) throw new Error(`there are no figures of ${strategy}`);
  return made;
};
const measured = ({ clients, rounds }: Run) => ({
  bytesUp: sum(clients.map((client) => client.bytesUp)) / clients.length,
  bytesDown: sum(clients.map((client) => client.bytesDown)) / clients.length,
  ms: sum(rounds.flatMap(({ phaseMs }) => Object.values(phaseMs))),
});

const all = ["fm-cap-strategies", "fm-cap-bytes", "fm-cap-domain", "emoji-strategies"]
  .flatMap(recorded)
  // All of these hold the pooled data, not a part of it.
  .filter(({ config }) => config.strategy !== "centralised");

it("bytes are within a third of what recorded runs took", () => {
  for (const run of all) {
    const [guess, real] = [estimated(run), measured(run)];
    const name = `${run.config.dataset}, ${run.run}`;
    expect(guess.bytesDown / real.bytesDown, `${name}, down`).toBeGreaterThan(2 / 3);
    expect(guess.bytesDown / real.bytesDown, `${name}, down`).toBeLessThan(3 / 2);
    if (real.bytesUp < 10_000) continue; // accuracies, and little else
    expect(guess.bytesUp / real.bytesUp, `${name}, up`).toBeGreaterThan(2 / 3);
    expect(guess.bytesUp / real.bytesUp, `${name}, up`).toBeLessThan(3 / 2);
  }
});

it("time is half to twice that of recorded simulations, at the median", () => {
  for (const strategy of ["local", "synthetic-only", "fedmmkt", "fedavg"]) {
    const ratios = [...all, ...recorded("fm-cap-alpha")]
      .filter(({ config }) => config.strategy === strategy)
      .map((run) => measured(run).ms / estimated(run).togetherMs)
      .sort((a, b) => a - b);
    const median = ratios[Math.floor(ratios.length / 2)];
    expect(median, strategy).toBeGreaterThan(0.5);
    expect(median, strategy).toBeLessThan(2);
  }
});

const work: Work = {
  strategy: "fedmmkt",
  strategyConfig: {
    ...{ localEpochs: 2, warmUpEpochs: 8, items: 256, samplingSteps: 8, guidance: 2 },
    ...{ transferEpochs: 6, cachedSets: 3, finetuneSteps: 80, finetuneBatch: 32, candidates: 4 },
    ...{ critics: "clients", evaluationItems: 64, answerPrecision: "fine", colours: 0 },
  },
  ...{ rounds: 5, clients: 12, participation: 1, usesTeacher: true },
};
const emoji = worldOf(dealt("emoji-style"), 12);

it("what makes rounds cheaper makes the estimate smaller", () => {
  if (!emoji) throw new Error("there are facts of emoji");
  const base = estimate(work, emoji);
  const cheaper = (changes: Partial<Work>, settings: JsonObject = {}) =>
    estimate(
      { ...work, ...changes, strategyConfig: { ...work.strategyConfig, ...settings } },
      emoji,
    );
  if (!base) throw new Error("there are figures of FedMMKT");
  expect(cheaper({ rounds: 2 })?.apartMs).toBeLessThan(base.apartMs / 2);
  expect(cheaper({ participation: 0.25 })?.totalBytes).toBeLessThan(base.totalBytes / 2);
  expect(cheaper({ participation: 0.25 })?.togetherMs).toBeLessThan(base.togetherMs);
  expect(cheaper({}, { colours: 8 })?.bytesDown).toBeLessThan(base.bytesDown / 2);
  expect(cheaper({}, { answerPrecision: "coarse" })?.bytesUp).toBeLessThan(0.6 * base.bytesUp);
  expect(cheaper({}, { samplingSteps: 4 })?.apartMs).toBeLessThan(base.apartMs);
  expect(base.apartMs).toBeLessThan(base.togetherMs);
});

it("says what it does not know", () => {
  const task = parseTask({
    name: "Fruit",
    classes: [{ name: "apple" }, { name: "pear" }],
    teacher: { kind: "folder", path: "/models/sd" },
  });
  const own: TaskView = {
    ...{ id: "task-0", data: "own", name: "Fruit", description: "", createdAt: 0, task },
    experiments: [],
  };
  const fruit = worldOf(own, 4);
  expect(fruit).toMatchObject({ classes: 2, isAssumed: true });
  expect(fruit && estimate(work, fruit)).toMatchObject({ hasPainting: false });
  expect(fruit && estimate({ ...work, strategy: "unheard-of" }, fruit)).toBeUndefined();
  expect(worldOf(dealt("gone"), 4)).toBeUndefined();
});
