import { expect, it } from "vitest";
import { type Choice, matching } from "./choices";

const choice = (name: string, changes: Partial<Choice> = {}): Choice => ({
  id: name,
  name,
  strategy: "FedMMKT",
  task: "Emoji style",
  seed: 1,
  status: "finished",
  tags: [],
  group: null,
  archived: false,
  ...changes,
});
const all = [
  choice("Skew 0.1", { tags: ["skew"] }),
  choice("Skew 1", { group: "sweep", strategy: "FedAvg" }),
  choice("Old", { archived: true }),
];
const any = { words: "", tag: "", group: "", archived: false };
const found = (wanted: Partial<typeof any>) =>
  matching(all, { ...any, ...wanted }).map(({ name }) => name);

it("experiments are found by words, tag and group, archived ones when asked for", () => {
  expect(found({})).toEqual(["Skew 0.1", "Skew 1"]);
  expect(found({ archived: true })).toHaveLength(3);
  expect(found({ words: " SKEW  fedavg" })).toEqual(["Skew 1"]);
  expect(found({ words: "sweep" })).toEqual(["Skew 1"]);
  expect(found({ tag: "skew" })).toEqual(["Skew 0.1"]);
  expect(found({ group: "sweep" })).toEqual(["Skew 1"]);
  expect(found({ words: "none" })).toEqual([]);
});
