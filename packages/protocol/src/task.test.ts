import { codeOf, messageOf } from "@tandem/core/errors";
import type { Task } from "@tandem/core/task";
import { expect, it } from "vitest";
import * as z from "zod/mini";
import { parseTask, task } from "./task";

const least = { name: "Mushrooms", classes: [{ name: "Edible" }, { name: "Deadly" }] };
const refusal = (change: object) => {
  try {
    parseTask({ ...least, ...change });
  } catch (error) {
    expect(codeOf(error)).toBe("bad-config");
    return messageOf(error);
  }
  throw new Error(`${JSON.stringify(change)} is not refused`);
};

it("fills in all but name and classes", () => {
  const expected: Task = {
    name: "Mushrooms",
    description: "",
    classes: [
      { name: "Edible", words: ["Edible"] },
      { name: "Deadly", words: ["Deadly"] },
    ],
    modalities: ["image", "text", "image-text"],
    pictures: { size: 32, colour: true, background: 255 },
    prompts: { kind: "words", attributes: [] },
    publicLicence: "",
    least: { participant: 10, class: 2 },
    organiser: { name: "", contact: "" },
    teacher: { kind: "none" },
  };
  expect(parseTask(least)).toEqual(expected);
  expect(parseTask(expected)).toEqual(expected); // what is stored can be sent again
  expect(parseTask({ ...least, pictures: { size: 64 } }).pictures).toEqual({
    size: 64,
    colour: true,
    background: 255,
  });
});

const backbone = {
  url: "https://models.example/small/model.json?v=1",
  sha256: "0a".repeat(32),
  normalisation: "0..1",
  size: 224,
  features: 1280,
} as const;

it("may name a backbone, of another site or of this server", () => {
  for (const own of [
    backbone,
    { ...backbone, url: "/backbones/small/model.json", layer: "mean" },
  ]) {
    const parsed = parseTask({ ...least, backbone: own });
    expect(parsed.backbone).toEqual(own);
    expect(parseTask(JSON.parse(JSON.stringify(parsed)))).toEqual(parsed);
  }
});

it.each<[string, object, RegExp]>([
  ["an http address", { url: "http://models.example/model.json" }, /url: .*https/],
  ["another site's path", { url: "//models.example/model.json" }, /url: .*https/],
  ["a path with a backslash", { url: "/\\models.example/model.json" }, /url: .*https/],
  ["a script", { url: "javascript:alert(1)" }, /url: .*https/],
  ["a short hash", { sha256: "ab" }, /sha256: .*64 lower-case/],
  ["a hash in capitals", { sha256: "AB".repeat(32) }, /sha256: .*64 lower-case/],
  ["a long layer", { layer: "l".repeat(201) }, /layer: .*<=200/],
  ["another normalisation", { normalisation: "0..2" }, /normalisation/],
  ["a size that is too small", { size: 7 }, /size: .*>=8/],
  ["a size that is too large", { size: 225 }, /size: .*<=224/],
  ["one feature", { features: 1 }, /features: .*>=2/],
  ["too many features", { features: 4097 }, /features: .*<=4096/],
  ["half a feature", { features: 2.5 }, /features/],
  ["what it does not know", { weights: "x" }, /weights/],
])("refuses a backbone with %s", (_, change, message) => {
  expect(refusal({ backbone: { ...backbone, ...change } })).toMatch(message);
});

it("may name an encoder in its place, which is trained", () => {
  const encoder = { ...backbone, layer: "mean", parameters: 500_000 };
  expect(parseTask({ ...least, encoder }).encoder).toEqual(encoder);
  expect(refusal({ encoder: backbone })).toMatch(/^encoder\.parameters: /);
  expect(refusal({ encoder: { ...encoder, parameters: 0 } })).toMatch(/parameters: .*>=1/);
  expect(refusal({ encoder: { ...encoder, parameters: 2 ** 24 + 1 } })).toMatch(/<=16777216/);
  expect(refusal({ encoder: { ...encoder, trained: true } })).toMatch(/encoder: .*trained/);
  expect(refusal({ encoder, backbone })).toMatch(/^encoder: .*leave one of them out/);
});

it.each([
  ["backbone", "a backbone", backbone],
  ["encoder", "an encoder", { ...backbone, parameters: 9 }],
])("refuses a %s where there are no pictures", (key, what, model) => {
  expect(refusal({ [key]: model, modalities: ["text"] })).toBe(
    `${key}: participants bring texts alone, and ${what} reads pictures: leave it out`,
  );
});

it("trims names and spells them in one way", () => {
  const classes = [{ name: "  cafe\u0301 " }, { name: "tea", words: [" green tea ", "chai"] }];
  expect(parseTask({ ...least, classes }).classes).toEqual([
    { name: "caf\u00e9", words: ["caf\u00e9"] },
    { name: "tea", words: ["green tea", "chai"] },
  ]);
});

const named = (...names: string[]) => ({ classes: names.map((name) => ({ name })) });
const many = (count: number) => Array.from({ length: count }, (_, i) => `c${i}`);
it.each<[string, object, RegExp]>([
  ["an unknown key", { colour: true }, /[Uu]nrecognized key.*colour/],
  ["an unknown key inside", { pictures: { width: 32 } }, /pictures.*width/],
  ["one class", named("a"), /classes.*>=2/],
  ["65 classes", named(...many(65)), /classes.*<=64/],
  ["a class twice", named("Oak", " oak "), /classes: two classes are called "oak"/],
  ["a class in full width", named("ABC", "ＡＢＣ"), /two classes are called/],
  [
    "a word of two classes",
    {
      classes: [
        { name: "a", words: ["tree"] },
        { name: "b", words: ["Tree"] },
      ],
    },
    /the word "tree" is of two classes/,
  ],
  [
    "a word twice",
    { classes: [{ name: "a", words: ["x", "X"] }, { name: "b" }] },
    /"X" comes twice/,
  ],
  ["21 words", { classes: [{ name: "a", words: many(21) }, { name: "b" }] }, /words.*<=20/],
  ["a class that climbs", named("..", "b"), /classes\.0\.name: names a folder/],
  ["a class with a slash", named("a/b", "b"), /names a folder/],
  ["a class of blanks", named("   ", "b"), /classes\.0\.name.*>=1/],
  ["a class of two lines", named("a\nb", "b"), /one line/],
  ["NUL", { name: "a\0" }, /NUL|control/],
  ["half a surrogate pair", { description: "\ud83d" }, /half a surrogate pair/],
  ["a long name", { name: "x".repeat(81) }, /name.*<=80/],
  ["a long description", { description: "x".repeat(2001) }, /description.*<=2000/],
  ["pictures of another size", { pictures: { size: 48 } }, /pictures\.size/],
  ["a background beyond bytes", { pictures: { background: 256 } }, /background.*<=255/],
  ["no modality", { modalities: [] }, /modalities/],
  ["a modality twice", { modalities: ["text", "text"] }, /"text" comes twice/],
  ["six attributes", { prompts: { kind: "words", attributes: Array(6).fill(["a"]) } }, /<=5/],
  ["21 words of one", { prompts: { kind: "words", attributes: [many(21)] } }, /<=20/],
  ["an empty list", { prompts: { kind: "words", attributes: [[]] } }, />=1/],
  [
    "more prompts than anybody paints",
    { prompts: { kind: "words", attributes: [many(20), many(20), many(20)] } },
    /^prompts\.attributes: classes and attributes make 16000 prompts/,
  ],
  ["nobody's samples", { least: { participant: 0 } }, /participant.*>=1/],
  [
    "a teacher outside its folder",
    { teacher: { kind: "shipped", checkpoint: "../x" } },
    /public\/teacher/,
  ],
  ["a teacher of no kind", { teacher: { kind: "magic" } }, /^teacher.*: kind: use one of none/],
  ["a teacher of no kind", { teacher: { kind: "learnt" } }, /^teacher.*: kind: use one of none/],
])("refuses %s", (_, change, reason) => {
  expect(refusal(change)).toMatch(reason);
});

it("describes every field to forms", () => {
  const { properties = {}, required } = z.toJSONSchema(task, { io: "input" });
  expect(required).toEqual(["name", "classes"]);
  for (const [name, field] of Object.entries(properties))
    expect([name, field]).toEqual([
      name,
      expect.objectContaining({ title: expect.any(String), description: expect.any(String) }),
    ]);
});
