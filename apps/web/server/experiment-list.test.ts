import type { ListedRun } from "@tandem/coordinator/row";
import { experimentId } from "@tandem/core/ids";
import { experimentConfig } from "@tandem/protocol/experiment-config";
import type { RunRow } from "@tandem/protocol/experiment-list";
import { parseListQuery } from "@tandem/protocol/experiment-query";
import { expect, test } from "vitest";
import { listOf } from "./experiment-list";

function listed(name: string, row: Partial<RunRow> = {}, changes: object = {}): ListedRun {
  const { seed = 1 } = row;
  const config = experimentConfig.parse({ name, seed, ...changes });
  const { strategy, dataset, rounds } = config;
  return {
    row: {
      ...{ id: experimentId(name.replace(/\W/g, "-")), name, strategy, dataset, seed, rounds },
      ...{ status: "draft", round: 0, ended: 0, clients: 0, here: 0, createdAt: 0, curve: [] },
      ...{ tags: [], group: null, archived: false },
      ...row,
    },
    config,
    note: "",
  };
}
const list = (runs: readonly ListedRun[], query = "") =>
  listOf(runs, parseListQuery(new URLSearchParams(query)));
const names = (runs: readonly ListedRun[], query: string) =>
  list(runs, query).entries.map((one) => (one.kind === "run" ? one.run.name : one.name));

test("runs of a group are one entry, by what makes them, with mean and deviation over seeds", () => {
  const of = (alpha: number, seed: number, accuracy?: number) =>
    listed(
      `Skew: alpha ${alpha}, seed ${seed}`,
      { seed, group: "Skew", ...(accuracy !== undefined && { accuracy }) },
      { alpha },
    );
  const own = listed("By hand", { group: "Skew", accuracy: 0.9 }, { alpha: 7, slots: 4 });
  const runs = [of(1, 2, 0.5), of(0.1, 1, 0.2), of(1, 1, 0.7), of(0.1, 2), own];
  const [entry, ...others] = list(runs).entries;
  expect(others).toEqual([]);
  expect(entry).toMatchObject({
    name: "Skew",
    settings: [
      { label: "alpha 0.1", measured: 1, mean: 0.2, runs: [{ seed: 1 }, { seed: 2 }] },
      { label: "alpha 1", measured: 2, mean: 0.6, std: expect.closeTo(0.1414, 4) },
      { label: "slots 4, alpha 7", measured: 1, mean: 0.9 },
    ],
  });
});

test("groups that differ in case alone are two, and each can be filtered by", () => {
  const runs = ["skew", "Skew", "Skew"].map((group, i) => listed(`E${i}`, { group }));
  expect(list(runs).groups).toEqual(["skew", "Skew"]);
  for (const [group, found] of [["skew", 1] as const, ["Skew", 2] as const])
    expect(list(runs, `group=${group}`)).toMatchObject({ found, entries: [{ name: group }] });
});

test("entries are sorted by any column either way, the latest first among equals", () => {
  const runs = [
    listed("b", { createdAt: 1, accuracy: 0.5, status: "finished" }),
    listed("A10", { createdAt: 2, accuracy: 0.7, status: "running", rounds: 9 }),
    listed("a9", { createdAt: 3, status: "draft" }),
    listed("in group", { createdAt: 4, accuracy: 0.6, group: "Z" }),
  ];
  expect(names(runs, "")).toEqual(["Z", "a9", "A10", "b"]);
  expect(names(runs, "sort=created")).toEqual(["b", "A10", "a9", "Z"]);
  expect(names(runs, "sort=name")).toEqual(["a9", "A10", "b", "Z"]);
  expect(names(runs, "sort=-name")).toEqual(["Z", "b", "A10", "a9"]);
  expect(names(runs, "sort=-accuracy")).toEqual(["A10", "Z", "b", "a9"]);
  expect(names(runs, "sort=status")).toEqual(["A10", "Z", "a9", "b"]);
  expect(names(runs, "sort=-rounds")[0]).toBe("A10");
});

test("500 experiments are ten pages, and what can be filtered by is that of all of them", () => {
  const runs = Array.from({ length: 500 }, (_, i) =>
    listed(`E${i}`, { createdAt: i, tags: i % 2 ? ["Odd"] : ["even", "odd"], archived: i === 0 }),
  );
  const view = list(runs, "page=2");
  expect(view).toMatchObject({ found: 499, page: 2, pages: 10, tags: ["even", "Odd"], groups: [] });
  expect(view.entries).toHaveLength(50);
  expect(list(runs, "page=99").page).toBe(10);
  expect(list(runs, "q=nothing")).toMatchObject({ found: 0, pages: 1, isEmpty: false });
  expect(list([])).toMatchObject({ isEmpty: true });
});
