import type { LabelledSet } from "@tandem/core/data";
import type { Task } from "@tandem/core/task";
import { decodeLabelledSet, encodeLabelledSet } from "@tandem/protocol/labelled-set";
import { expect, it } from "vitest";
import { arrange, noChoices } from "./arrange";
import { assignFolder, confirmGuesses, remove } from "./changes";
import type { Picture, TextFile } from "./intake";
import { findingsOf, modalityFor, toOwnData } from "./own-data";

const task: Pick<Task, "classes" | "modalities" | "pictures" | "least"> = {
  classes: [
    { name: "cat", words: ["cat"] },
    { name: "dog", words: ["dog"] },
  ],
  modalities: ["image", "text", "image-text"],
  pictures: { size: 16, colour: true, background: 255 },
  least: { participant: 10, class: 5 },
};
const size = 16 * 16 * 3;

/** So many pictures of each folder, the first of them with texts. */
function intakeOf(folders: Readonly<Record<string, number>>, texts = 0, of = task) {
  const paths = Object.entries(folders).flatMap(([name, count]) =>
    Array.from({ length: count }, (_, i) => `${name}/${i}`),
  );
  const pictures = paths.map(
    (path, i): Picture => ({
      path: `${path}.png`,
      pixels: new Uint8Array(size).fill(i + 1),
      hash: path,
    }),
  );
  const files = paths
    .slice(0, texts)
    .map((path): TextFile => ({ path: `${path}.txt`, text: path }));
  const reading = {
    task: of,
    pictures,
    texts: files,
    tables: [],
    leftOut: [],
    notes: [],
    hidden: 0,
  };
  return arrange(reading, noChoices);
}
const sentences = (...given: Parameters<typeof findingsOf>) =>
  findingsOf(...given).map(({ code, blocks }) => `${code}${blocks ? "!" : ""}`);
const stored = (set: LabelledSet) => decodeLabelledSet(encodeLabelledSet(set));

it("a fifth of each class is held out, and no picture is in both sets", () => {
  const { train, heldOut } = toOwnData(intakeOf({ cat: 20, dog: 10 }), task);
  expect([train.size, heldOut.size]).toEqual([24, 6]);
  expect(Array.from(heldOut.labels).toSorted()).toEqual([0, 0, 0, 0, 1, 1]);
  expect(train.images?.shape).toEqual([24, 16, 16, 3]);
  expect(train.captions).toBeUndefined();
  const firsts = ({ images, size }: LabelledSet) =>
    Array.from({ length: size }, (_, row) => images?.data[row * 768]);
  expect(new Set([...firsts(train), ...firsts(heldOut)]).size).toBe(30);
  expect([stored(train), stored(heldOut)]).toEqual([train, heldOut]);
});

it("pairs where both are there, and a mask where one lacks", () => {
  const intake = intakeOf({ cat: 10, dog: 10 }, 14);
  expect(modalityFor(intake, task)).toBe("image-text");
  const { train, heldOut } = toOwnData(intake, task);
  expect(train.size + heldOut.size).toBe(20);
  expect(train.present?.text?.filter((has) => has === 0).length).toBe(6);
  expect(heldOut.present).toBeUndefined();
  for (const [row, caption] of heldOut.captions?.entries() ?? [])
    expect(caption).toMatch(heldOut.labels[row] === 0 ? /^cat/ : /^dog/);
  expect(stored(train)).toEqual(train);
  expect(sentences(intake, task)).toEqual(["parts", "few-held-out"]);
  expect(findingsOf(intake, task).at(-1)?.sentence).toContain(`Only ${heldOut.size} samples`);
});

it("the kind is the richest that the study takes and that there is enough of", () => {
  const few = intakeOf({ cat: 10, dog: 10 }, 3);
  expect(modalityFor(few, task)).toBe("image");
  expect(toOwnData(few, task).train.captions).toBeUndefined();
  const texts = { ...task, modalities: ["text"] } as const;
  const own = toOwnData(intakeOf({ cat: 10, dog: 10 }, 20), texts).train;
  expect([own.images, own.captions?.length]).toEqual([undefined, 16]);
  expect(() => toOwnData(few, texts, "image")).toThrow("This study takes texts, not pictures.");
  expect(sentences(intakeOf({ cat: 10, dog: 10 }), texts)).toEqual(["kind!", "few!"]);
});

it("says with numbers what is missing, and how to get on", () => {
  const { least, ...rest } = task;
  expect(() => toOwnData(intakeOf({ cat: 7 }), task)).toThrow(
    "You have 7 samples with a class, and 10 are needed: add 3 more.",
  );
  const lone = intakeOf({ cat: 10, dog: 1 });
  expect(() => toOwnData(lone, task)).toThrow(
    '"dog" has 1 sample, and 5 of a class are needed: add 4 more, or take it out.',
  );
  expect(toOwnData(remove(lone, ["dog/0.png"]), task).train.size).toBe(8);
  expect(() => toOwnData(intakeOf({}), { ...rest, least: { participant: 0, class: 0 } })).toThrow(
    "1 are needed",
  );
});

it("guesses have to be confirmed, and what has no class is not used", () => {
  const intake = intakeOf({ cat: 10, dogs: 5, misc: 3 });
  expect(() => toOwnData(intake, task)).toThrow('Taken as a guess: "dogs" for "dog". Confirm it');
  const sure = confirmGuesses(intake);
  expect(sentences(sure, task)).toEqual(["no-class", "few-held-out"]);
  expect(toOwnData(sure, task).train.size).toBe(12);
  expect(sentences(assignFolder(sure, "misc", 0), task)).toEqual(["few-held-out"]);
});
