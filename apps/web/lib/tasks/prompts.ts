import type { Task } from "@tandem/core/task";
import { promptsOfWords } from "@tandem/datasets/task/texts";
import { promptCount } from "@tandem/protocol/task";
import { type Draft, definitionOf, listsOf } from "./draft";

/** Prompts in words of what is written so far: how many there are, and the first of them. */
export function wordPrompts(draft: Draft, most: number) {
  const classes = definitionOf(draft).classes.flatMap(({ name, words }) => {
    const own = name.trim();
    return own === "" ? [] : [{ name: own, words: words.length > 0 ? words : [own] }];
  });
  const attributes = listsOf(draft).map(({ words }) => words);
  const count = promptCount({ classes, prompts: { kind: "words", attributes } });
  return { count, first: firstPrompts(classes, attributes, most) };
}

/** The first different prompts in words, not made beyond these. */
export function firstPrompts(
  classes: Task["classes"],
  attributes: readonly (readonly string[])[],
  most: number,
): readonly string[] {
  const first = new Set<string>();
  for (const prompt of promptsOfWords(classes, attributes)) {
    if (first.size === most) break;
    first.add(prompt);
  }
  return [...first];
}
