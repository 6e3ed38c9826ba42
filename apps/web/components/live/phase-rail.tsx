import { type Phase, phases } from "@tandem/core/experiment";
import { phasesShown, phaseText } from "@tandem/core/phase-text";
import { text } from "../../text/experiment";

type Props = {
  readonly current: Phase | undefined;
  /** False while the experiment is paused or has failed. */
  readonly moving: boolean;
  readonly usesTeacher: boolean;
};

/** The phases of a round, with the present one lit in the colour of who works. */
export function PhaseRail({ current, moving, usesTeacher }: Props) {
  const reached = current ? phases.indexOf(current) : -1;
  return (
    <ol
      aria-label={text.rounds.phases}
      className="grid auto-cols-fr grid-flow-col gap-1 sm:gap-1.5"
    >
      {phasesShown(usesTeacher).map((phase) => {
        const { label, side } = phaseText[phase];
        const here = phase === current;
        const fill = here
          ? side === "clients"
            ? "bg-clients"
            : "bg-teacher"
          : phases.indexOf(phase) < reached
            ? "bg-line-strong"
            : "bg-sunken";
        return (
          <li key={phase} aria-current={here ? "step" : undefined} className="min-w-0">
            <div className={`h-2 rounded-sm ${fill} ${here && moving ? "animate-pulse" : ""}`} />
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
