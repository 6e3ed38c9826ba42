import type { ExperimentStatus } from "@tandem/core/experiment";
import { status as names } from "../../text/shared";

const tones: Readonly<Record<ExperimentStatus, string>> = {
  draft: "bg-sunken text-ink-soft",
  running: "bg-clients-soft text-clients",
  paused: "bg-teacher-soft text-teacher-ink",
  finished: "bg-good-soft text-good",
  failed: "bg-bad-soft text-bad",
};

export function StatusBadge({ status }: { readonly status: ExperimentStatus }) {
  return (
    <span
      className={`inline-flex items-center gap-1.5 rounded-full px-2.5 py-1 text-xs font-medium ${tones[status]}`}
    >
      <span
        aria-hidden="true"
        className={`size-1.5 rounded-full bg-current ${status === "running" ? "animate-pulse" : ""}`}
      />
      {names[status]}
    </span>
  );
}
