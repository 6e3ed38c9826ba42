import type { ExperimentStatus } from "@tandem/core/experiment";

/** An experiment in the list to choose from. */
export type Choice = {
  readonly id: string;
  readonly name: string;
  readonly strategy: string;
  readonly task: string;
  readonly seed: number;
  readonly status: ExperimentStatus;
  readonly tags: readonly string[];
  readonly group: string | null;
  readonly archived: boolean;
};

export type Wanted = {
  readonly words: string;
  /** Empty: any. */
  readonly tag: string;
  readonly group: string;
  readonly archived: boolean;
};

/** Those that have every word somewhere, without regard to case. */
export function matching(choices: readonly Choice[], wanted: Wanted): readonly Choice[] {
  const words = wanted.words.toLowerCase().split(/\s+/).filter(Boolean);
  return choices.filter(({ name, strategy, task, tags, group, archived }) => {
    if (archived && !wanted.archived) return false;
    if (wanted.tag !== "" && !tags.includes(wanted.tag)) return false;
    if (wanted.group !== "" && group !== wanted.group) return false;
    const said = [name, strategy, task, ...tags, group ?? ""].join("\n").toLowerCase();
    return words.every((word) => said.includes(word));
  });
}
