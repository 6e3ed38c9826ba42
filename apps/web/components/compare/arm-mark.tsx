import type { Look } from "../../lib/compare/looks";

/** How an arm is drawn, and its number: neither depends on seeing colours. */
export function ArmMark({ number, look }: { readonly number: number; readonly look: Look }) {
  return (
    <span aria-hidden="true" className="inline-flex shrink-0 items-center gap-1.5">
      <span className="figures w-4 text-right text-xs text-ink-faint">{number}</span>
      <svg aria-hidden="true" width="28" height="8" viewBox="0 0 28 8">
        <line
          x1="0"
          x2="28"
          y1="4"
          y2="4"
          stroke={look.colour}
          strokeWidth={look.width}
          strokeDasharray={look.dash.join(" ")}
        />
      </svg>
    </span>
  );
}
