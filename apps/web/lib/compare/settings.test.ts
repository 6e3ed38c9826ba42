import { expect, it } from "vitest";
import { armsOf } from "./arms";
import { compareSettings } from "./settings";
import { run } from "./testing/runs";

it("settings that differ are told from those that one strategy has alone, and those that are equal", () => {
  const arms = armsOf(
    [
      run("a", [0.5], { seed: 1, strategyConfig: { own: 1, shared: true, other: 2 } }),
      run("b", [0.5], { seed: 2, strategyConfig: { own: 1, shared: true, other: 2 } }),
      run("c", [0.5], {
        seed: 1,
        alpha: 0.1,
        strategy: "fd",
        strategyConfig: { shared: true, other: 3 },
      }),
    ],
    false,
  );
  const { differing, partial, equal } = compareSettings(arms);
  expect(Object.fromEntries(differing.map(({ path, values }) => [path, values]))).toEqual({
    seed: [[1, 2], [1]],
    alpha: [[0.5], [0.1]],
    strategy: [["fedmmkt"], ["fd"]],
    "strategy.other": [[2], [3]],
  });
  expect(partial).toEqual([expect.objectContaining({ path: "strategy.own", values: [[1], []] })]);
  expect(equal.map(({ path }) => path)).toContain("strategy.shared");
  expect(equal.map(({ path }) => path)).not.toContain("name");
});
