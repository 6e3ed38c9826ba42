import { experimentConfig } from "@tandem/protocol/experiment-config";
import { parseTask } from "@tandem/protocol/task";
import type { StrategyView, TaskView } from "@tandem/protocol/view";
import { expect, it } from "vitest";
import * as z from "zod/mini";
import { type FormShape, ownFields, readForm, startValues, unfitFor } from "./experiment-form";

const schema = z.toJSONSchema(experimentConfig, { io: "input", unrepresentable: "any" });
const strategy = (name: string, teacher: boolean): StrategyView => ({
  name,
  title: name,
  summary: "",
  source: "",
  needs: { teacher, equalArchitectures: false, modalities: ["image", "text"] },
  adapters: false,
  schema: {},
});
const task = parseTask({ name: "Fruit", classes: [{ name: "apple" }, { name: "pear" }] });
const own: TaskView = {
  id: "task-0123456789abcdef",
  data: "own",
  name: task.name,
  description: "",
  task,
  createdAt: 0,
  experiments: [],
};
const shape: FormShape = {
  schema,
  strategies: [strategy("fedmmkt", true), strategy("fedavg", false)],
  tasks: [
    { id: "emoji-style", data: "dealt", name: "Emoji", description: "", base: "emoji-style" },
    own,
  ],
};
const filled = (dataset?: string) => {
  const values = startValues(shape, dataset);
  return { ...values, experiment: { ...values.experiment, name: "E", alpha: "0.1" } };
};

it("settings of dealing are asked for and sent with dealt data alone", () => {
  const dealt = readForm(shape, filled());
  expect(dealt.errors).toEqual([]);
  expect(dealt.value).toMatchObject({ dataset: "emoji-style", strategy: "fedmmkt", alpha: 0.1 });
  const brought = readForm(shape, filled(own.id));
  expect(brought.errors).toEqual([]);
  expect(brought.value).toMatchObject({ dataset: own.id, strategy: "fedavg", slots: 12 });
  for (const name of ["alpha", "missingClients", "missingSamples", "lateCaptions", "benchmark"])
    expect(brought.value).not.toHaveProperty(name);
  expect(brought.value).toMatchObject({ mostSamples: 200 });
  expect(readForm(shape, filled()).value).not.toHaveProperty("mostSamples");
});

it("places are participants where these bring their own", () => {
  const titleOf = (data: TaskView["data"]) =>
    ownFields(schema, data).find(({ name }) => name === "slots")?.title;
  expect(titleOf("dealt")).toBe("Places");
  expect(titleOf("own")).toBe("Participants at most");
});

it("a strategy says what the task lacks, and nothing of a shipped data set", () => {
  const [needing, modest] = shape.strategies;
  expect(unfitFor(shape.tasks, "emoji-style")(needing)).toBeUndefined();
  expect(unfitFor(shape.tasks, own.id)(modest)).toBeUndefined();
  expect(unfitFor(shape.tasks, own.id)(needing)).toMatch(/needs a teacher, and “Fruit” has none/);
});
