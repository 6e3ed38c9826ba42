import { TandemError } from "@tandem/core/errors";
import { expect, it } from "vitest";
import { wholeName } from "./python-pattern";

/** What Python 3.12's `re.fullmatch` says. */
it.each<[string, string, boolean]>([
  ["to_q\\Z", "to_q", true],
  ["\\Ato_q", "to_q", true],
  ["\\Ato_q", "Ato_q", false],
  ["(?P<x>to)_q", "to_q", true],
  ["(?P<x>a)b(?P=x)", "aba", true],
  ["(?P<x>a)b(?P=x)", "abb", false],
  ["(?:to_q|to_k)", "to_k", true],
  ["to_(?!q).", "to_q", false],
  ["to_.(?<=k)", "to_k", true],
  ["a{,2}", "", true],
  ["a{,2}b", "aab", true],
  ["a{,2}", "aaa", false],
  ["a\\{,2}", "a{,2}", true],
  ["[{,2}]", ",", true],
  ["blocks\\.\\d+\\.[^\\.]+", "blocks.10.x", true],
  ["[\\]a]", "]", true],
  ["a|b", "b", true],
  ["a|b", "ab", false],
])("%s for %s: %s", (pattern, name, matches) => {
  expect(wholeName(pattern, "x").test(name)).toBe(matches);
});

it.each([
  ["(?i)TO_Q", "(?i"],
  ["(?i:TO_Q)", "(?i"],
  ["(?x) to_q", "(?x"],
  ["(?#no)to_q", "(?#"],
  ["(?>to)_q", "(?>"],
  ["(a)?(?(1)b|c)", "(?("],
  ["(?<x>a)", "(?<"],
  ["(a)\\1", "\\1"], // another group behind what PEFT puts before the key
  ["\\a", "\\a"],
  ["\\x61", "\\x"],
  ["\\N{DIGIT ONE}", "\\N"],
  ["[]a]", "[]a]"],
  ["[^]a]", "[^]a]"],
  ["[\\Z]", "[\\Z]"],
])("%s is refused by its name", (pattern, token) => {
  const read = () => wholeName(pattern, "alpha_pattern");
  expect(read).toThrow(`alpha_pattern: ${pattern}: ${token}`);
  expect(read).toThrow(expect.objectContaining({ code: "not-supported" }));
});

it.each(["(", "a)|(b", "a*+", "[a", "(?"])("%s is no pattern", (pattern) => {
  const read = () => wholeName(pattern, "alpha_pattern");
  expect(read).toThrow(`alpha_pattern: ${pattern} is no regular expression`);
  expect(read).toThrow(TandemError);
});
