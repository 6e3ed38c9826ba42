import type { RunRow } from "@tandem/protocol/experiment-list";

export type Selecting = {
  readonly selected: ReadonlyMap<string, RunRow>;
  readonly onSelect: (runs: readonly RunRow[], isIn: boolean) => void;
};
export type Choice = { readonly value: string; readonly text: string };
/** What strategies and data are called. */
export type Names = { readonly strategies: readonly Choice[]; readonly tasks: readonly Choice[] };
