import { backbone, encoder, fruit } from "@tandem/datasets/testing/fruit-task";
import { parseTask } from "@tandem/protocol/task";
import { expect, it } from "vitest";
import { text } from "../../text/task-form";
import { definitionOf, emptyDraft } from "./draft";
import { draftOf, type OwnTaskView, type Source } from "./draft-of-task";
import { mistakesOf } from "./mistakes";
import { hasBase } from "./use-sending";
import { contentOf, type SetField } from "./use-set";
import { lockOf } from "./use-sets";

const set = { samples: 12, bytes: 9000, hasPictures: true, captions: ["a ripe apple"] };
const view = (changes: Partial<OwnTaskView> = {}): OwnTaskView => ({
  id: "task-0123456789abcdef",
  data: "own",
  name: fruit.name,
  description: fruit.description,
  task: fruit,
  publicSet: set,
  createdAt: 1,
  experiments: [],
  ...changes,
});
const field = (changes: Partial<SetField> = {}): SetField => ({
  files: [],
  reading: undefined,
  choose: () => {},
  isKept: false,
  keep: () => {},
  ...changes,
});

it.each([
  ["words, attributes and no teacher", fruit],
  ["a backbone of this server", { ...fruit, backbone }],
  ["an encoder", { ...fruit, encoder }],
  [
    "a backbone elsewhere, by its layer",
    { ...fruit, backbone: { ...backbone, url: "https://models.example/m.json", layer: "pooled" } },
  ],
  [
    "captions alone, grey, and a base",
    {
      ...fruit,
      prompts: { kind: "captions" },
      pictures: { size: 32, colour: false, background: 0 },
      teacher: { kind: "shipped", checkpoint: "clipart" },
    },
  ],
  [
    "words that need quotes",
    {
      ...fruit,
      classes: [{ name: "apple", words: ["apple, red", '"pip" in', 'a 6" one'] }, fruit.classes[1]],
      prompts: { kind: "words", attributes: [["old; brown", "new"]] },
    },
  ],
  ["a folder", { ...fruit, teacher: { kind: "folder", path: "/models/mine" } }],
  ["its own base", { ...fruit, teacher: { kind: "trained" } }],
] as const)("a task with %s is the same after the form", (_, task) => {
  const draft = draftOf(view({ task }));
  expect(Object.keys(draft).sort()).toEqual(Object.keys(emptyDraft).sort());
  expect(parseTask(definitionOf(draft))).toEqual(parseTask(task));
  expect(draft.keeps).toEqual(["public"]);
});

it("what a set was read for is locked while the set stays", () => {
  const [kept, gone] = [field({ there: set, isKept: true }), field({ there: set })];
  const files = field({
    there: set,
    isKept: true,
    files: [{ path: "a.zip", file: new File([], "a.zip") }],
  });
  expect(lockOf({ public: kept, test: kept })).toEqual(["public", "test"]);
  expect(lockOf({ public: gone, test: kept })).toEqual(["test"]);
  expect(text.classes.locked(["public", "test"])).toMatch(/public set and test set were read for/);
  expect(text.classes.locked(["test"])).toMatch(/test set was read for/);
  expect(lockOf({ public: files, test: gone })).toBeUndefined();
  expect(contentOf(kept)).toMatchObject({ samples: 12, captions: ["a ripe apple"] });
  expect(contentOf(gone)).toMatchObject({ samples: 0, hasPictures: false, captions: [] });
  expect(contentOf(files)).toBeUndefined(); // not read yet
});

it("a base serves as long as what it was trained from stays", () => {
  const source: Source = { view: view(), as: "edit", isBaseReady: true };
  const kept = { public: field({ there: set, isKept: true }) };
  expect(hasBase(fruit, kept, source)).toBe(true);
  expect(hasBase({ ...fruit, prompts: { kind: "captions" } }, kept, source)).toBe(false);
  expect(hasBase(fruit, { public: field({ there: set }) }, source)).toBe(false);
  expect(hasBase(fruit, kept, { ...source, isBaseReady: false })).toBe(false);
  expect(hasBase(fruit, kept, { ...source, as: "copy" })).toBe(false);
  expect(hasBase(fruit, kept, undefined)).toBe(false);
  const draft = draftOf(view({ task: { ...fruit, teacher: { kind: "trained" } } }));
  const around = {
    hasPublicSet: true,
    hasCaptions: false,
    teachers: { shipped: [], remote: false },
  };
  expect(mistakesOf(draft, { ...around, hasPictures: true })).toEqual({});
  expect(mistakesOf(draft, { ...around, hasPictures: false }).teacher).toMatch(/public pictures/);
});
