import { expect, it } from "vitest";
import { paretoFront } from "./pareto";

it("on the front is what none beats in both", () => {
  const points = [
    { cost: 1, value: 0.2 },
    { cost: 2, value: 0.5 },
    { cost: 3, value: 0.4 }, // the second is cheaper and better
    { cost: 2, value: 0.4 }, // as cheap as the second, and worse
    { cost: 2, value: 0.5 }, // equal to the second
    { cost: 9, value: 0.5 }, // as good, and dearer
  ];
  expect(paretoFront(points)).toEqual([true, true, false, false, true, false]);
  expect(paretoFront([])).toEqual([]);
});
