import { type Phase, phases } from "@tandem/core/experiment";
import { phaseText } from "../../lib/phases";

/** The seven phases of a round, with the present one lit in the colour of who works. */
export function PhaseRail({ current }: { readonly current: Phase | undefined }) {
  const reached = current ? phases.indexOf(current) : -1;
  return (
    <ol aria-label="Phases of a round" className="grid grid-cols-7 gap-1 sm:gap-1.5">
      {phases.map((phase, i) => {
        const { label, side } = phaseText[phase];
        const here = i === reached;
        const fill = here
          ? side === "clients"
            ? "bg-clients"
            : "bg-teacher"
          : i < reached
            ? "bg-line-strong"
            : "bg-sunken";
        return (
          <li key={phase} aria-current={here ? "step" : undefined} className="min-w-0">
            <div className={`h-2 rounded-sm ${fill} ${here ? "animate-pulse" : ""}`} />
            <span
              className={`mt-2 block truncate text-[0.625rem] sm:text-xs ${here ? "font-semibold text-ink" : "text-ink-faint"}`}
            >
              {label}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
