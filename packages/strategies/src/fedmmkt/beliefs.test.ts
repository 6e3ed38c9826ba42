import { f64 } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { readBeliefs, withBeliefs, writeBeliefs } from "./beliefs";

const beliefs = {
  image: new Map([
    ["b", [0.5, 0.25]],
    ["__proto__", [0.75, 0.5]],
  ]),
  text: new Map([["a/image", [0.125, 1]]]),
};
const rowsOf = (read: ReturnType<typeof readBeliefs>) =>
  [read.image, read.text].map((own) =>
    [...own].map(([id, row]) => [id, ...Array.from(row)]).sort(),
  );

it("what is believed of clients is one array a modality, the same in whatever order it was learnt", () => {
  const written = writeBeliefs(beliefs);
  expect(Object.keys(written.arrays)).toEqual(["reliability/image", "reliability/text"]);
  expect(rowsOf(readBeliefs(written))).toEqual([
    [
      ["__proto__", 0.75, 0.5],
      ["b", 0.5, 0.25],
    ],
    [["a/image", 0.125, 1]],
  ]);
  const image = new Map([...beliefs.image].reverse());
  expect(writeBeliefs({ ...beliefs, image })).toEqual(written);
});

it("a state that has an array for each client is read as well, and what came later counts", () => {
  const once = {
    "reliability/a/image/text": f64([2], [0.5, 0.5]),
    "reliability/b/image": f64([2], [1, 1]),
  };
  expect(rowsOf(readBeliefs({ arrays: once, meta: {} }))).toEqual([
    [["b", 1, 1]],
    [["a/image", 0.5, 0.5]],
  ]);
  const { arrays, meta } = writeBeliefs(beliefs);
  expect(rowsOf(readBeliefs({ arrays: { ...once, ...arrays }, meta }))).toEqual(
    rowsOf(withBeliefs(readBeliefs({ arrays: once, meta: {} }), beliefs)),
  );
});
