import type { TaskRecord } from "@tandem/core/task";
import { encodeLabelledSet } from "@tandem/protocol/labelled-set";
import { createMemoryBlobs } from "@tandem/storage/memory-blobs";
import { expect, it } from "vitest";
import { backbone, encoder, fruit, fruitSet } from "../testing/fruit-task";
import { federateTask } from "./federate-task";

const blobs = createMemoryBlobs();
const config = {
  slots: 3,
  missingClients: 0,
  missingSamples: 0,
  lateCaptions: 0,
  benchmark: "test",
} as const;
const record: TaskRecord = { id: "task-1", task: fruit, createdAt: 1 };

it("has places for data that participants bring, and says what that has to be", async () => {
  const data = await federateTask(record, fruitSet(4), config, blobs);
  expect(data.classes).toEqual(["apple", "pear"]);
  expect(data.slots).toEqual(Array(3).fill({ source: "own data", samples: 0 }));
  expect(data.test).toBeUndefined();
  expect(data.own).toMatchObject({
    task: "task-1",
    modalities: fruit.modalities,
    least: fruit.least,
    pictures: fruit.pictures,
  });
  for (const modality of fruit.modalities)
    expect(data.own?.architectures[modality].length).toBeGreaterThan(0);
  const { words } = JSON.parse(new TextDecoder().decode(await blobs.get(data.vocabulary.hash)));
  expect(words).toContain("pippin");
});

it("tests on the task's own samples, and gives the same again", async () => {
  const bytes = encodeLabelledSet(fruitSet(2));
  const test = { hash: await blobs.put(bytes), bytes: bytes.length, size: 4 };
  const data = await federateTask({ ...record, test }, fruitSet(4), config, blobs);
  expect(data.test).toEqual({ hash: test.hash, bytes: test.bytes });
  expect(await federateTask({ ...record, test }, fruitSet(4), config, blobs)).toEqual(data);
});

it("has heads on features, and says of which backbone, where the task has one", async () => {
  const own = { ...record, task: { ...fruit, backbone } };
  const { own: terms } = await federateTask(own, undefined, config, blobs);
  expect(terms).toMatchObject({
    backbone,
    architectures: { image: ["backbone-linear", "backbone-mlp"] },
  });
});

it("has heads behind an encoder, and says which, where the task has one", async () => {
  const own = { ...record, task: { ...fruit, encoder } };
  const { own: terms } = await federateTask(own, undefined, config, blobs);
  expect(terms).toMatchObject({
    encoder,
    architectures: { image: ["own-layers"], text: ["bag", "transformer", "gru"] },
  });
});

it.each([
  ["missingClients", 0.5],
  ["missingSamples", 0.1],
  ["lateCaptions", 3],
  ["benchmark", "validation"],
])("refuses %s, which is for data that is dealt", async (name, value) => {
  const federated = federateTask(record, undefined, { ...config, [name]: value }, blobs);
  await expect(federated).rejects.toMatchObject({
    code: "bad-config",
    message: expect.stringMatching(new RegExp(`^${name}: ${value} .* use `)),
  });
});
