import { expect, it } from "vitest";
import { armsOf, commonName } from "./arms";
import { run } from "./testing/runs";

const idsOf = (...given: Parameters<typeof armsOf>) =>
  armsOf(...given).map(({ runs }) => runs.map(({ id }) => id));

it("runs that differ in their seeds and names alone are one arm", () => {
  const runs = [
    run("a", [0.5], { seed: 1, strategyConfig: { one: 1, two: { x: 1, y: [2] } } }),
    run("other", [0.5], { seed: 1, alpha: 0.1 }),
    run("b", [0.5], { seed: 2, strategyConfig: { two: { y: [2], x: 1 }, one: 1 } }),
    run("c", [0.5], { seed: 3, strategyConfig: { one: 1, two: { x: 1, y: [3] } } }),
  ];
  expect(idsOf(runs, false)).toEqual([["a", "b"], ["other"], ["c"]]);
  expect(idsOf(runs, true)).toEqual([["a"], ["other"], ["b"], ["c"]]);
});

it("a seed that comes again, and another group, are other arms", () => {
  const runs = [
    run("a", [0.5], { seed: 1 }),
    run("again", [0.5], { seed: 1 }),
    run("b", [0.5], { seed: 2 }),
    run("sweep", [0.5], { seed: 3, group: "sweep" }),
  ];
  expect(idsOf(runs, false)).toEqual([["a", "b"], ["again"], ["sweep"]]);
});

it.each([
  [["FedMMKT seed 1", "FedMMKT seed 12"], "FedMMKT"],
  [["alpha=0.1, seed=1", "alpha=0.1, seed=2"], "alpha=0.1"],
  [["Skew 10", "Skew 11"], "Skew"],
  [["Same", "Same"], "Same"],
  [["Seeded 1"], "Seeded 1"],
  [["1", "2"], "1"],
  [["Alone", "Another"], "A"],
])("%j are called %s", (names, name) => {
  expect(commonName(names)).toBe(name);
});
