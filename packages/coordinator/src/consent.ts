import { createHash } from "node:crypto";
import type { ExperimentConfig } from "@tandem/core/experiment";
import { plural } from "@tandem/core/format";
import type { ConsentView } from "@tandem/protocol/view";
import type { CoordinatedStrategy } from "./ports";

/** What somebody agrees to by joining. Its hash is another one when anything of it is. */
export function consentOf(
  { dataset, rounds, strategyConfig, retentionDays }: ExperimentConfig,
  { name, disclosure }: Pick<CoordinatedStrategy, "name" | "disclosure">,
): ConsentView {
  const terms = [
    { what: "Sent", said: disclosure?.(strategyConfig) ?? "Not known." },
    { what: "Strategy", said: name },
    { what: "Data", said: dataset },
    { what: "Rounds", said: String(rounds) },
  ];
  const kept = { what: "Kept", said: keptText(retentionDays) };
  // Without a limit it is what everybody has agreed to before there were limits.
  const hashed = retentionDays === 0 ? terms : [...terms, kept];
  return {
    hash: createHash("sha256").update(JSON.stringify(hashed)).digest("hex"),
    terms: [...terms, kept],
  };
}

const keptText = (days: number): string =>
  days === 0
    ? "What you send is kept until whoever runs the study deletes it, or you have it erased."
    : `What you send is erased ${plural(days, "day")} after the study has ended, or when you ask for it.`;
