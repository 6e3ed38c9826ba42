import type { Payload } from "@tandem/core/payload";
import { rowsOf } from "../aggregation/rows";
import {
  ageWeight,
  argMax,
  type Consensus,
  type Rows,
  sharpen,
} from "../aggregation/weighted-answers";
import { paintedSet } from "../synthetic-set/painted-set";
import { annotated, type Vote } from "./annotators";
import type { Voice } from "./answers";
import type { FedmmktConfig } from "./config";
import { withPrompts } from "./evidence";

/** What clients are taught that the pictures show, from who sees them, their prompts and the student. */
export function whatIsShown(
  config: FedmmktConfig,
  state: Payload,
  viewers: readonly Voice[],
  { pooled }: Pick<Consensus, "pooled">,
) {
  const { labels, classes } = paintedSet(state);
  const { rows, trust } = shown();
  return {
    /** (N, C). */
    target: rows.map((row) => sharpen(row, config.evidenceTemperature)),
    confidence: rows.map((row) => Math.max(...Array.from(row))),
    accepted: rows.map((row, i) => argMax(row) === labels[i]),
    /** In the prompts, by class, where that is found. */
    trust,
  };

  function shown(): { readonly rows: Rows; readonly trust?: Float64Array } {
    if (config.evidence === "server") return { rows: rowsOf(state.arrays, "g/seen") };
    if (config.evidence === "annotators")
      return annotated(annotatorsOf(config, state, viewers), labels, classes);
    return withPrompts(pooled, labels);
  }
}

/** Who says what the pictures show, beside their prompts. */
function annotatorsOf(
  { studentVotes }: FedmmktConfig,
  { arrays }: Payload,
  viewers: readonly Voice[],
): readonly Vote[] {
  const clients = viewers.map(({ contribution: { probabilities, age }, trust }) => ({
    rows: probabilities,
    weight: trust * ageWeight(age),
  }));
  if (!studentVotes) return clients;
  return [{ rows: rowsOf(arrays, "g/seen"), weight: 1 }, ...clients];
}
