import type { ExperimentStatus } from "@tandem/core/experiment";

const looks: Readonly<Record<ExperimentStatus, { readonly text: string; readonly tone: string }>> =
  {
    draft: { text: "Draft", tone: "bg-sunken text-ink-soft" },
    running: { text: "Running", tone: "bg-clients-soft text-clients" },
    paused: { text: "Paused", tone: "bg-teacher-soft text-teacher-ink" },
    finished: { text: "Finished", tone: "bg-good-soft text-good" },
    failed: { text: "Failed", tone: "bg-bad-soft text-bad" },
  };

export function StatusBadge({ status }: { readonly status: ExperimentStatus }) {
  const { text, tone } = looks[status];
  return (
    <span
      className={`inline-flex items-center gap-1.5 rounded-full px-2.5 py-1 text-xs font-medium ${tone}`}
    >
      <span
        aria-hidden="true"
        className={`size-1.5 rounded-full bg-current ${status === "running" ? "animate-pulse" : ""}`}
      />
      {text}
    </span>
  );
}
