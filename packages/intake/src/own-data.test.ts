import type { LabelledSet } from "@tandem/core/data";
import type { Task } from "@tandem/core/task";
import { decodeLabelledSet, encodeLabelledSet } from "@tandem/protocol/labelled-set";
import { expect, it } from "vitest";
import { arrange, noChoices } from "./arrange";
import { assignFolder, confirmGuesses, remove } from "./changes";
import type { Picture, TextFile } from "./intake";
import { findingsOf, modalityFor, toOwnSet } from "./own-data";

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

it("all samples with a class are in the set, each once", () => {
  const set = toOwnSet(intakeOf({ cat: 20, dog: 10 }), task);
  expect(Array.from(set.labels)).toEqual([...Array(20).fill(0), ...Array(10).fill(1)]);
  expect(set.images?.shape).toEqual([30, 16, 16, 3]);
  expect(set.captions).toBeUndefined();
  const firsts = Array.from(set.labels.keys(), (row) => set.images?.data[row * 768]);
  expect(firsts).toEqual(firsts.map((_, i) => i + 1));
  expect(stored(set)).toEqual(set);
});

it("pairs where both are there, and a mask where one lacks", () => {
  const intake = intakeOf({ cat: 10, dog: 10 }, 14);
  expect(modalityFor(intake, task)).toBe("image-text");
  const set = toOwnSet(intake, task);
  expect(set.size).toBe(20);
  expect(set.present?.text?.filter((has) => has === 0).length).toBe(6);
  for (const [row, caption] of set.captions?.slice(0, 14).entries() ?? [])
    expect(caption).toMatch(set.labels[row] === 0 ? /^cat/ : /^dog/);
  expect(stored(set)).toEqual(set);
  expect(sentences(intake, task)).toEqual(["parts", "few-held-out"]);
  expect(findingsOf(intake, task).at(-1)?.sentence).toContain("Only 4 samples");
});

it("the kind is the richest that the study takes and that there is enough of", () => {
  const few = intakeOf({ cat: 10, dog: 10 }, 3);
  expect(modalityFor(few, task)).toBe("image");
  expect(toOwnSet(few, task).captions).toBeUndefined();
  const texts = { ...task, modalities: ["text"] } as const;
  const own = toOwnSet(intakeOf({ cat: 10, dog: 10 }, 20), texts);
  expect([own.images, own.captions?.length]).toEqual([undefined, 20]);
  expect(() => toOwnSet(few, texts, "image")).toThrow("This study takes texts, not pictures.");
  expect(sentences(intakeOf({ cat: 10, dog: 10 }), texts)).toEqual(["kind!", "few!"]);
});

it("says with numbers what is missing, and how to get on", () => {
  const { least, ...rest } = task;
  expect(() => toOwnSet(intakeOf({ cat: 7 }), task)).toThrow(
    "You have 7 samples with a class, and 10 are needed: add 3 more.",
  );
  expect(() => toOwnSet(intakeOf({ cat: 7, misc: 3 }), task)).toThrow(
    "10 are needed: give a class to those without one, or add 3 more.",
  );
  const lone = intakeOf({ cat: 10, dog: 1 });
  expect(() => toOwnSet(lone, task)).toThrow(
    '"dog" has 1 sample, and 5 of a class are needed: add 4 more, or take it out.',
  );
  expect(toOwnSet(remove(lone, ["dog/0.png"]), task).size).toBe(10);
  expect(() => toOwnSet(intakeOf({}), { ...rest, least: { participant: 0, class: 0 } })).toThrow(
    "1 are needed",
  );
});

it("guesses have to be confirmed, and what has no class is not used", () => {
  const intake = intakeOf({ cat: 10, dogs: 5, misc: 3 });
  expect(() => toOwnSet(intake, task)).toThrow('Taken as a guess: "dogs" for "dog". Confirm it');
  const sure = confirmGuesses(intake);
  expect(sentences(sure, task)).toEqual(["no-class", "few-held-out"]);
  expect(toOwnSet(sure, task).size).toBe(15);
  expect(sentences(assignFolder(sure, "misc", 0), task)).toEqual(["few-held-out"]);
});

it("what is more than a browser can keep is told in bytes before anything is packed, with the way out", () => {
  const heavy = { ...task, least: { participant: 1, class: 1 } };
  const url = "/backbones/net/model.json";
  const backbone = { url, sha256: "0".repeat(64), normalisation: "0..1", size: 96 } as const;
  const intake = intakeOf({ cat: 20, dog: 4 });
  const { samples } = intake;
  const many = { ...intake, samples: Array.from({ length: 700 }, () => samples).flat() };
  const made = (features: number) => ({ ...heavy, backbone: { ...backbone, features } });
  expect(sentences(many, made(3994))).toEqual([]);
  expect(sentences(many, made(3996))).toEqual(["too-much!"]);
  expect(() => toOwnSet(many, made(4096))).toThrow(
    "pictures, as the study's backbone reads them, would take 275 MB, and 268 MB are the most: take out about 416 of your 16800 samples.",
  );
});
