import { f32 } from "@tandem/core/tensor";
import { expect, it } from "vitest";
import { answersAsCsv, ranked } from "./answers";

it("ranks the classes of each row", () => {
  const [first, second] = ranked(f32([2, 3], [0.25, 0.5, 0.25, 0, 0.125, 0.875]), ["a", "b", "c"]);
  expect(first.map(({ name }) => name)).toEqual(["b", "a", "c"]);
  expect(second[0]).toEqual({ name: "c", share: 0.875 });
});

it("writes answers that spreadsheets read, and run nothing of", () => {
  const classes = [
    { name: 'a "red", one', share: 0.75 },
    { name: "b", share: 0.25 },
  ];
  const csv = answersAsCsv([
    { of: "x/1.png", classes },
    { of: "=1+1,2.png", classes: classes.slice(1) },
  ]);
  expect(csv.split("\r\n")).toEqual([
    "file,class,confidence,second class,second confidence",
    'x/1.png,"a ""red"", one",0.7500,b,0.2500',
    '"\'=1+1,2.png",b,0.2500,,',
    "",
  ]);
});
