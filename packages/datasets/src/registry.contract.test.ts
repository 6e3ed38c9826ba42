import { existsSync } from "node:fs";
import { startNodeEngine } from "@tandem/engine/node";
import { beforeAll, expect, it } from "vitest";
import { buildEmojiLanguages } from "./emoji/build-languages";
import { buildEmojiStyle } from "./emoji/build-style";
import { buildFashion } from "./fashion/build";
import { datasetNames, loadDataset } from "./registry";
import { datasetContract } from "./testing/dataset.contract";

// What the packages of this machine hold; what they do not is skipped by name.
beforeAll(async () => {
  await startNodeEngine({ prefer: "wasm" });
  await buildEmojiStyle();
  await buildEmojiLanguages();
  if (existsSync("/usr/share/datasets/fashion-mnist")) await buildFashion();
}, 180_000);

for (const name of datasetNames) datasetContract(name, () => loadDataset(name));

it("a name that is none is refused with those that are", async () => {
  for (const name of ["mnist", "__proto__"])
    await expect(loadDataset(name)).rejects.toMatchObject({
      code: "bad-config",
      message: `There is no data set "${name}": use one of ${datasetNames.join(", ")}.`,
    });
  expect(datasetNames.length).toBeGreaterThan(1);
});
