import { expect, it } from "vitest";
import { addReading, emptyIntake } from "./add-reading";
import { assignFolder, relabel, remove } from "./changes";
import type { IntakeTask } from "./intake";
import { nodeDecoder } from "./pictures/node-decoder";
import { readSources } from "./read-sources";
import { bytesOfPicture, fileOf, painting } from "./testing/pictures";

const task: IntakeTask = {
  classes: ["cat", "dog"].map((name) => ({ name, words: [name] })),
  modalities: ["image", "text"],
  pictures: { size: 16, colour: true, background: 255 },
};
const png = (seed: number) => bytesOfPicture(painting(20, 20, seed).png());
const read = async (files: Readonly<Record<string, Uint8Array | string>>) =>
  (
    await readSources(
      Object.entries(files).map(([path, bytes]) => fileOf(path, bytes)),
      { task, decoder: nodeDecoder },
    )
  ).reading;

it("what is added keeps what was decided, and has paths of its own", async () => {
  let intake = addReading(
    emptyIntake(task),
    await read({ "cat/1.png": await png(1), "cat/2.png": await png(2), "odd.png": "no picture" }),
  );
  intake = remove(relabel(intake, ["cat/1.png"], 1), ["cat/2.png"]);
  const table = "file_name,label\n1.png,dog\n";
  const more = await read({ "cat/1.png": await png(3), "cat/t.csv": table });
  intake = addReading(intake, more);
  expect(intake.samples.map(({ id, label }) => [id, label])).toEqual([
    ["cat/1.png", 1],
    ["added 2/cat/1.png", 1], // by the table that came with it
  ]);
  expect(intake.leftOut.map(({ path }) => path)).toEqual(["odd.png"]);
  intake = addReading(intake, await read({ "cat/1.png": await png(3) }));
  expect(intake.leftOut).toContainEqual(
    expect.objectContaining({ path: "added 3/cat/1.png", code: "duplicate" }),
  );
});

it("a folder's class can be said before anything is in it", async () => {
  const said = assignFolder(emptyIntake(task), "Pasted", 1);
  const intake = addReading(said, await read({ "Pasted/1.txt": "a wet nose" }));
  expect(intake.samples).toMatchObject([{ caption: "a wet nose", label: 1 }]);
});
