import { experimentConfig } from "@tandem/protocol/experiment-config";
import { parseTask } from "@tandem/protocol/task";
import type { StrategyView, TaskView } from "@tandem/protocol/view";
import { expect, it } from "vitest";
import * as z from "zod/mini";
import {
  errorOfRefusal,
  type FormShape,
  lostInCopy,
  ownFields,
  readForm,
  startValues,
  unfitFor,
} from "./experiment-form";

const whole = z.toJSONSchema(experimentConfig, { io: "input", unrepresentable: "any" });
const items = { type: "integer", title: "Synthetic set", default: 256, minimum: 8, maximum: 2048 };
const strategy = (name: string, teacher: boolean): StrategyView => ({
  name,
  title: name,
  summary: "",
  source: "",
  needs: { teacher, equalArchitectures: false, modalities: ["image", "text"] },
  adapters: false,
  schema: { type: "object", properties: { items } },
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
/** As the server says which there are. */
const dataset = { type: "string", default: "emoji-style", enum: ["emoji-style", own.id] };
const schema = { ...whole, properties: { ...whole.properties, dataset } };
const shape: FormShape = {
  schema,
  strategies: [strategy("fedmmkt", true), strategy("fedavg", false)],
  tasks: [
    { id: "emoji-style", data: "dealt", name: "Emoji", description: "", base: "emoji-style" },
    own,
  ],
};
const filled = (dataset?: string) => {
  const values = startValues(shape, { dataset });
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

it("more clients than places are a mistake of the clients' field, in the form's words", () => {
  const values = filled();
  const crowded = { ...values.experiment, minClients: "5", slots: "2" };
  expect(readForm(shape, { ...values, experiment: crowded }).errors).toEqual([
    {
      path: "experiment.minClients",
      message: "5 clients do not fit into 2 places: lower this, or raise “Places”.",
    },
  ]);
  const tight = { ...filled(own.id).experiment, minClients: "", slots: "1" };
  const [error] = readForm(shape, { ...filled(own.id), experiment: tight }).errors;
  expect(error).toMatchObject({ path: "experiment.minClients" });
  expect(error.message).toMatch(/^2 clients .* 1 place: .*“Participants at most”/);
});

it("a refusal of the server's is at the field that it names", () => {
  const values = { ...filled(), strategy: "fedmmkt" };
  const at = (message: string) => errorOfRefusal(shape, values, message);
  expect(at("minClients: 5 clients do not fit 2 places.")).toEqual({
    path: "experiment.minClients",
    message: "5 clients do not fit 2 places.",
  });
  expect(at("strategy: FedMMKT needs a teacher")).toEqual({
    path: "strategy",
    message: "FedMMKT needs a teacher.",
  });
  expect(at("fedmmkt: items: too big")).toEqual({
    path: "settings.fedmmkt.items",
    message: "Too big.",
  });
  for (const elsewhere of ["fedmmkt: width: too big", "nowhere: too big", "The server is full."])
    expect(at(elsewhere), elsewhere).toBeUndefined();
});

it("a copy has every setting, the same seed and a name of its own", () => {
  const config = experimentConfig.parse({
    ...{ name: "x".repeat(80), dataset: "emoji-style", seed: 7, alpha: 0.1, slots: 3 },
    ...{ strategy: "fedmmkt", strategyConfig: { items: 64 }, deadlineMs: 5000 },
    references: [{ label: "alone", accuracy: 0.5 }],
  });
  const values = startValues(shape, { copied: config });
  const { value, errors } = readForm(shape, values);
  expect(errors).toEqual([]);
  const { mostSamples: _ofOwnData, ...dealt } = config;
  expect(value).toMatchObject({ ...dealt, name: `${"x".repeat(73)} (copy)` });
  expect(lostInCopy(shape, config)).toEqual([]);
  const again = startValues(shape, { copied: { ...config, name: "Emoji (copy)" } });
  expect(again.experiment.name).toBe("Emoji (copy)");
});

it("a copy says what this server lacks of it", () => {
  const config = experimentConfig.parse({ name: "Old", dataset: "gone", strategy: "fedold" });
  expect(lostInCopy(shape, config).join(" ")).toMatch(/“fedold”.*“gone”/);
  const odd = experimentConfig.parse({ name: "Odd", strategyConfig: { width: 3 } });
  expect(lostInCopy(shape, odd)).toEqual([expect.stringContaining("left out: width.")]);
  const values = startValues(shape, { copied: config });
  expect(readForm(shape, values).errors).toEqual([
    { path: "experiment.dataset", message: "Choose a task." },
  ]);
});
