import { createHash } from "node:crypto";
import type { ExperimentConfig } from "@tandem/core/experiment";
import type { ConsentView } from "@tandem/protocol/view";
import type { CoordinatedStrategy } from "./ports";

/** What somebody agrees to by joining. Its hash is another one when anything of it is. */
export function consentOf(
  { dataset, rounds, strategyConfig }: ExperimentConfig,
  { name, disclosure }: Pick<CoordinatedStrategy, "name" | "disclosure">,
): ConsentView {
  const terms = [
    { what: "Sent", said: disclosure?.(strategyConfig) ?? "Not known." },
    { what: "Strategy", said: name },
    { what: "Data", said: dataset },
    { what: "Rounds", said: String(rounds) },
  ];
  return { hash: createHash("sha256").update(JSON.stringify(terms)).digest("hex"), terms };
}
