import { parseTask } from "@tandem/protocol/task";
import type { TeachersView } from "@tandem/protocol/view";
import { expect, it } from "vitest";
import {
  classesOfText,
  type Draft,
  definitionOf,
  emptyDraft,
  wantedBackbone,
  withClasses,
} from "./draft";
import { mistakeOfRefusal, mistakesOf, mistakesOfStep, stepOf } from "./mistakes";
import { wordPrompts } from "./prompts";

const teachers: TeachersView = {
  shipped: [{ name: "fmnist", title: "Clothes", description: "", size: [16, 16] }],
  remote: false,
};
const fruit: Draft = {
  ...emptyDraft,
  name: "Fruit",
  classes: [
    { name: "apple", words: "apple, pippin" },
    { name: "", words: "" },
    { name: "pear", words: "" },
  ],
};
const found = (changes: Partial<Draft>, hasPublicSet = false) =>
  mistakesOf(
    { ...fruit, ...changes },
    { hasPublicSet, hasPictures: hasPublicSet, hasCaptions: false, teachers },
  );

it("what is written becomes the definition, without empty rows", () => {
  expect(found({})).toEqual({});
  const { classes, pictures, teacher } = parseTask(definitionOf(fruit));
  expect(classes).toEqual([
    { name: "apple", words: ["apple", "pippin"] },
    { name: "pear", words: ["pear"] },
  ]);
  expect(pictures).toEqual({ size: 32, colour: true, background: 255 });
  expect(teacher).toEqual({ kind: "none" });
});

it.each<[string, Partial<Draft>, string, string, number]>([
  ["no name", { name: " " }, "name", "Enter a name.", 0],
  ["a long name", { name: "x".repeat(81) }, "name", "Shorten it to at most 80 characters.", 0],
  [
    "one class",
    { classes: fruit.classes.slice(0, 2) },
    "classes",
    "A study has at least 2 classes: enter another.",
    1,
  ],
  [
    "a class without a name",
    { classes: [...fruit.classes, { name: "", words: "plum" }] },
    "classes.3.name",
    "Enter the name of the class.",
    1,
  ],
  [
    "a folder of its name",
    { classes: [...fruit.classes, { name: "a/b", words: "" }] },
    "classes.3.name",
    "Names a folder: use neither / nor \\, and no dot at either end.",
    1,
  ],
  [
    "a word of two classes",
    { classes: [...fruit.classes, { name: "cox", words: "Pippin" }] },
    "classes",
    'The word "pippin" is of two classes: a prompt with it would ask for either.',
    1,
  ],
  ["nothing to bring", { modalities: [] }, "modalities", "Choose at least one.", 2],
  [
    "a background that is none",
    { background: "white" },
    "pictures.background",
    "Enter a whole number.",
    2,
  ],
  [
    "a background beyond white",
    { background: "256" },
    "pictures.background",
    "Must be at most 255.",
    2,
  ],
  ["no sample at least", { leastOfAll: "0" }, "least.participant", "Must be at least 1.", 2],
  [
    "a base of another size",
    { teacher: "shipped", checkpoint: "fmnist" },
    "teacher",
    "It paints 16\u00a0×\u00a016 pixels, and this study's pictures have 32\u00a0×\u00a032.",
    5,
  ],
  ["no base", { teacher: "shipped" }, "teacher", "Choose one of the bases.", 5],
  [
    "an attribute twice",
    { attributes: ["", "red, green, Red"] },
    "prompts.attributes.1",
    'The attribute "Red" comes twice.',
    5,
  ],
  [
    "too many prompts",
    {
      attributes: [1, 2, 3].map((list) =>
        Array.from({ length: 14 }, (_, i) => `${list}.${i}`).join(),
      ),
    },
    "prompts.attributes",
    "Classes and attributes make 5488 prompts, more than 4096: use fewer attributes.",
    5,
  ],
  ["no path", { teacher: "folder" }, "teacher.path", "Enter the folder's path on the server.", 5],
])("%s is told beside its field", (_, changes, path, sentence, step) => {
  expect(found(changes)).toEqual({ [path]: sentence });
  expect(stepOf(path)).toBe(step);
  expect(Object.keys(mistakesOfStep(found(changes), step))).toEqual([path]);
});

it("a backbone is part of a task once what is written has been checked", () => {
  const written = {
    ...fruit.backbone,
    from: "address",
    address: " https://models.example/model.json ",
    layer: "pooled",
  } as const;
  const model = {
    url: "https://models.example/model.json",
    layer: "pooled",
    normalisation: "0..1",
  } as const;
  const draft = { ...fruit, backbone: written };
  expect(wantedBackbone(draft)).toEqual({ ...model, isTrained: false });
  expect(found(draft).backbone).toMatch(/^Check the model first/);
  expect(definitionOf(draft)).not.toHaveProperty("backbone");
  const checked = { ...model, sha256: "0a".repeat(32), size: 96, features: 1280 };
  const done = { ...fruit, backbone: { ...written, checked } };
  expect(found(done)).toEqual({});
  expect(parseTask(definitionOf(done)).backbone).toEqual(checked);
  for (const change of [
    { layer: "" },
    { normalisation: "imagenet" },
    { size: "128" },
    { address: "https://models.example/other.json" },
    { from: "server", url: "/backbones/small/model.json" },
    { isTrained: true },
  ] as const)
    expect(found({ ...done, backbone: { ...done.backbone, ...change } })).toHaveProperty(
      "backbone",
    );
  const trained = {
    ...fruit,
    backbone: { ...written, isTrained: true, checked: { ...checked, parameters: 222 } },
  };
  expect(parseTask(definitionOf(trained)).encoder).toEqual({ ...checked, parameters: 222 });
  expect(definitionOf(trained)).not.toHaveProperty("backbone");
  // Nobody brings a picture.
  expect(definitionOf({ ...done, modalities: ["text"] })).not.toHaveProperty("backbone");
  expect(found({ ...draft, modalities: ["text"] })).toEqual({});
});

it("attributes are lists with commas between them, and rows without a word are none", () => {
  const draft = { ...fruit, attributes: ["red, green", " , ", "small;big;huge"] };
  const lists = [
    ["red", "green"],
    ["small", "big", "huge"],
  ];
  expect(parseTask(definitionOf(draft)).prompts).toEqual({ kind: "words", attributes: lists });
  expect(wordPrompts(draft, 3)).toEqual({
    count: 12,
    first: ["red small apple", "red small pear", "red big apple"],
  });
  expect(parseTask(definitionOf({ ...draft, prompts: "captions" })).prompts).toEqual({
    kind: "captions",
  });
  // What is no definition yet has a preview all the same, and not all of it is made.
  const huge = Array.from({ length: 5 }, () => "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t");
  expect(wordPrompts({ ...fruit, attributes: huge }, 2)).toEqual({
    count: 2 * 20 ** 5,
    first: ["a a a a a apple", "a a a a a pear"],
  });
});

it("a public set needs a licence, and a background only counts with pictures", () => {
  expect(Object.keys(found({}, true))).toEqual(["publicLicence"]);
  expect(found({ licence: "CC0-1.0" }, true)).toEqual({});
  expect(found({ modalities: ["text"], background: "white" })).toEqual({});
});

it("an images API is refused where the server knows none", () => {
  expect(found({ teacher: "remote" }).teacher).toMatch(/TANDEM_TEACHER_URL/);
  const known = {
    hasPublicSet: false,
    hasPictures: false,
    hasCaptions: true,
    teachers: { ...teachers, remote: true },
  };
  expect(mistakesOf({ ...fruit, teacher: "remote" }, known)).toEqual({});
  const captions = { ...fruit, teacher: "remote", prompts: "captions" } as const;
  expect(mistakesOf(captions, known)).toEqual({});
  expect(Object.keys(mistakesOf(captions, { ...known, hasCaptions: false }))).toEqual(["prompts"]);
});

it("the server's refusals come beside the field that they name", () => {
  expect(mistakeOfRefusal("task.json: classes.0.name: is long")).toEqual({
    "classes.0.name": "Is long.",
  });
  expect(mistakeOfRefusal("teacher: /x: write the whole path")).toEqual({
    teacher: "/x: write the whole path.",
  });
  expect(mistakeOfRefusal("body: is too large")).toBeUndefined();
  expect(mistakeOfRefusal("the server is busy")).toBeUndefined();
});

it("pasted lists become classes, with the words behind a colon, a comma or a tab", () => {
  const list = "apple: pippin, cox\r\n\n pear\nplum\tprune\tdamson\nfig, common fig";
  expect(classesOfText(list)).toEqual([
    { name: "apple", words: "pippin, cox" },
    { name: "pear", words: "" },
    { name: "plum", words: "prune, damson" },
    { name: "fig", words: "common fig" },
  ]);
  expect(withClasses(fruit.classes, classesOfText("fig")).map(({ name }) => name)).toEqual([
    "apple",
    "pear",
    "fig",
  ]);
  expect(withClasses([], [])).toHaveLength(2);
});
