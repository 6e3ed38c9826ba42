import fc from "fast-check";
import { expect, it } from "vitest";
import { arrowTo, extended } from "./choose-range";

const ids = ["a", "b", "c", "d", "e", "f"];

it("a range grows and shrinks with its end, over its beginning too, and leaves others chosen", () => {
  let state = extended(new Set(["b", "f"]), ids, { from: "b", to: "b" }, "d");
  expect([...state.chosen].sort()).toEqual(["b", "c", "d", "f"]);
  state = extended(state.chosen, ids, state.range, "c");
  expect([...state.chosen].sort()).toEqual(["b", "c", "f"]);
  state = extended(state.chosen, ids, state.range, "a");
  expect([...state.chosen].sort()).toEqual(["a", "b", "f"]);
});

it("a beginning that is not shown any more counts for nothing", () => {
  const { chosen, range } = extended(new Set(["x"]), ids, { from: "gone", to: "gone" }, "c");
  expect([[...chosen].sort(), range]).toEqual([["c", "x"], { from: "c", to: "c" }]);
});

it("wherever the end wanders, all between it and the beginning is chosen and nothing else", () => {
  const id = fc.constantFrom(...ids);
  fc.assert(
    fc.property(id, fc.array(id, { minLength: 1 }), (from, ends) => {
      let state = { chosen: new Set([from]) as ReadonlySet<string>, range: { from, to: from } };
      for (const end of ends) state = extended(state.chosen, ids, state.range, end);
      const [a, b] = [from, ends[ends.length - 1]].sort();
      expect([...state.chosen].sort()).toEqual(ids.filter((one) => one >= a && one <= b));
    }),
  );
});

it("arrows lead along rows and columns, and not over the edge", () => {
  const of = (key: string, at: number) => arrowTo(key, { at, count: 10, columns: 4 });
  expect(["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].map((key) => of(key, 5))).toEqual([
    4, 6, 1, 9,
  ]);
  expect([of("ArrowLeft", 0), of("ArrowUp", 3), of("ArrowDown", 6), of("a", 5)]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
