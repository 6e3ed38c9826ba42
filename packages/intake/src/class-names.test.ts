import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createClassMatcher } from "./class-names";

const classes = [
  { name: "cat", words: ["cat", "kitten"] },
  { name: "T-shirt", words: ["T-shirt"] },
  { name: "Café crème", words: ["café"] },
  { name: "hot dog", words: ["hot dog"] },
  { name: "dog", words: ["dog"] },
  { name: "elephant", words: ["elephant"] },
];
const match = createClassMatcher(classes);

it.each([
  ["Cat", 0],
  ["KITTEN", 0],
  ["t shirt", 1],
  ["TShirt", 1],
  ["cafe_creme", 2],
  ["HotDog", 3],
  ["dog ", 4],
])("%j is exactly a class", (name, label) => {
  expect(match(name)).toEqual({ label, exact: true });
});

it.each([
  ["cats", 0],
  ["T-Shirts", 1],
  ["01_cats", 0],
  ["my hot dogs 2023", 3],
  ["elefant", 5],
  ["elehpant", 5],
  ["elephnt", 5],
  ["kiten", 0],
  ["5", 5],
  ["class_02", 2],
  ["6", undefined],
  ["cat and dog", undefined],
  ["rat", undefined],
  ["", undefined],
  ["misc", undefined],
])("%j may be class %s", (name, label) => {
  expect(match(name)).toEqual(label === undefined ? undefined : { label, exact: false });
});

describe("a matcher", () => {
  it("prefers the name itself to what only looks like it", () => {
    const close = createClassMatcher([
      { name: "glass", words: ["glass"] },
      { name: "glasses", words: ["glasses"] },
      { name: "C", words: ["C"] },
      { name: "C++", words: ["C++"] },
    ]);
    expect(["glasses", "GLASS", "c++", "c"].map((name) => close(name)?.label)).toEqual([
      1, 0, 3, 2,
    ]);
  });

  it("knows every class by its own name, of any script", () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1, unit: "grapheme" }), {
      minLength: 1,
      maxLength: 6,
      selector: (name) => name.normalize("NFC").trim().toLowerCase(),
    });
    fc.assert(
      fc.property(names, (names) => {
        const known = names.filter((name) => name.trim() !== "");
        const match = createClassMatcher(known.map((name) => ({ name, words: [name] })));
        expect(known.map((name) => match(name))).toEqual(
          known.map((_, label) => ({ label, exact: true })),
        );
      }),
    );
  });
});
