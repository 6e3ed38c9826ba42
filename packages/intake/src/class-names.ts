import type { TaskClass } from "@tandem/core/task";

/** `exact`: the name of the class or one of its words, whatever its case, accents and separators. */
export type ClassMatch = { readonly label: number; readonly exact: boolean };

/** Which class a folder's name or a table's word means; undefined where it may be two, or none. */
export function createClassMatcher(
  classes: readonly TaskClass[],
): (name: string) => ClassMatch | undefined {
  const words = classes.flatMap(({ name, words }, label) =>
    [name, ...words].map((word) => ({ label, word })),
  );
  const keys = stages.map((stage) => words.map(({ label, word }) => ({ label, key: stage(word) })));
  const seen = new Map<string, ClassMatch | undefined>();

  function find(name: string): ClassMatch | undefined {
    for (const [i, stage] of stages.entries()) {
      const key = stage(name);
      const found = key === "" ? [] : keys[i].filter((own) => own.key === key);
      const [label, ...more] = new Set(found.map((own) => own.label));
      if (more.length > 0) return undefined;
      if (label !== undefined) return { label, exact: i < exactStages };
    }
    const label =
      onlyOne(within(name, words)) ?? numbered(name, classes) ?? onlyOne(typo(name, words));
    return label === undefined ? undefined : { label, exact: false };
  }

  return (name) => {
    if (!seen.has(name)) seen.set(name, find(name));
    return seen.get(name);
  };
}

type Word = { readonly label: number; readonly word: string };

const same = (name: string) => name.normalize("NFC").trim().toLowerCase();
/** Words of letters and digits, without accents. */
const partsOf = (name: string) =>
  name
    .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .toLowerCase()
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .replaceAll("ß", "ss")
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter((part) => part !== "");
const joined = (name: string) => partsOf(name).join("");
const singular = (word: string) =>
  word
    .replace(/ies$/, "y")
    .replace(/(ss|sh|ch|x)es$/, "$1")
    .replace(/(?<=[^s])s$/, "");

const stages = [same, joined, (name: string) => singular(joined(name))];
const exactStages = 2;

/** Classes whose words stand in the name, among others; the longest words decide. */
function within(name: string, words: readonly Word[]): readonly number[] {
  const spaced = (text: string) => ` ${partsOf(text).map(singular).join(" ")} `;
  const place = spaced(name);
  const found = words.filter(({ word }) => joined(word) !== "" && place.includes(spaced(word)));
  const longest = Math.max(...found.map(({ word }) => joined(word).length));
  return found.filter(({ word }) => joined(word).length === longest).map(({ label }) => label);
}

/** "3" or "class_03": classes in the order of the task, from 0. */
function numbered(name: string, classes: readonly TaskClass[]): number | undefined {
  const [, digits] = /^(?:class|label)?[\s_-]*(\d{1,4})$/i.exec(name.trim()) ?? [];
  return digits !== undefined && Number(digits) < classes.length ? Number(digits) : undefined;
}

/** Classes whose words are one letter away, or two where they have eight letters. */
function typo(name: string, words: readonly Word[]): readonly number[] {
  const own = joined(name).slice(0, 64);
  for (const most of [1, 2]) {
    const close = words.filter(({ word }) => {
      const key = joined(word);
      return key.length >= 4 * most && distance(own, key) <= most;
    });
    if (close.length > 0) return close.map(({ label }) => label);
  }
  return [];
}

const onlyOne = (labels: readonly number[]) => (new Set(labels).size === 1 ? labels[0] : undefined);

/** Letters to add, drop, replace, or swap with the next. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1] + Number(a[i - 1] !== b[j - 1]);
      row[j] = Math.min(replaced, last[j] + 1, row[j - 1] + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    [before, last] = [last, row];
  }
  return last[b.length];
}
