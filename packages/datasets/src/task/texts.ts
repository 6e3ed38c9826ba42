import type { LabelledSet } from "@tandem/core/data";
import { isPresent } from "@tandem/core/presence";
import type { Task } from "@tandem/core/task";
import type { Vocabulary } from "@tandem/core/tokenizer";
import { vocabularyOf } from "../vocabulary";

/** Of the public captions; as many as a tab's embedding table can have. */
const mostWords = 4096;

/** What participants write is not known: words of the task and the public set, and hashed ids for others. */
export const vocabularyOfTask = (
  { classes, prompts }: Pick<Task, "classes" | "prompts">,
  publicSet?: LabelledSet,
): Vocabulary =>
  vocabularyOf(publicSet?.captions ?? [], {
    always: [
      ...classes.flatMap(({ words }) => words),
      ...(prompts.kind === "words" ? prompts.attributes.flat() : []),
    ],
    most: mostWords,
  });

/** A text for each public sample. */
export type PublicTexts = {
  /** What the teacher is asked to paint. */
  readonly prompts: readonly string[];
  /** What models read beside the picture that was painted for it. */
  readonly captions: readonly string[];
  /** Of the public picture itself: its caption, or what people call its class. */
  readonly own: readonly string[];
};

/**
 * Prompts in words: each class takes its combinations of attributes in turn, or at equal distances
 * where it has fewer samples than there are; captions say the same in the other words for the class.
 */
export function publicTextsOf(
  { classes, prompts }: Pick<Task, "classes" | "prompts">,
  set: LabelledSet,
): PublicTexts {
  const words = (label: number, turn: number) => {
    const own = classes[label].words;
    return own[turn % own.length];
  };
  const turns = turnsOf(set.labels);
  const own = Array.from(set.labels, (label, row) =>
    isPresent(set, "text", row) ? (set.captions?.[row] ?? "") : words(label, turns[row].turn),
  );
  if (prompts.kind === "captions") return { prompts: own, captions: own, own };
  const combinations = [...combined(prompts.attributes)];
  const texts = Array.from(set.labels, (label, row) => {
    const { turn, of } = turns[row];
    const place = of < combinations.length ? Math.floor((turn * combinations.length) / of) : turn;
    const attributes = combinations[place % combinations.length];
    const say = (word: string) => [...attributes, word].join(" ");
    return { prompt: say(words(label, 0)), caption: say(words(label, turn)) };
  });
  return {
    prompts: texts.map(({ prompt }) => prompt),
    captions: texts.map(({ caption }) => caption),
    own,
  };
}

/** Which of its class each sample is, from 0, and of how many. */
function turnsOf(labels: Int32Array) {
  const counts = new Map<number, number>();
  const turns = Array.from(labels, (label) => {
    const turn = counts.get(label) ?? 0;
    counts.set(label, turn + 1);
    return { label, turn };
  });
  return turns.map(({ label, turn }) => ({ turn, of: counts.get(label) ?? 0 }));
}

/** What a teacher can be asked for in words: each combination of attributes of all classes in turn. */
export function* promptsOfWords(
  classes: Task["classes"],
  attributes: readonly (readonly string[])[],
): Generator<string> {
  for (const own of combined(attributes))
    for (const { words } of classes) yield [...own, words[0]].join(" ");
}

/** One of each list, in every way; without lists the one empty combination. */
function* combined([first, ...others]: readonly (readonly string[])[]): Generator<
  readonly string[]
> {
  if (!first) return yield [];
  for (const word of first) for (const rest of combined(others)) yield [word, ...rest];
}
