import { markPath } from "../../lib/live/draw-marks";
import { looksOf } from "../../lib/live/layers";
import type { Series } from "../../lib/live/series";
import { text } from "../../text/charts";

/** Names each line by its mark or its dashes, beside its colour, with a value of it. */
export function Legend({
  title,
  series,
  shownOf,
}: {
  readonly title: string;
  readonly series: readonly Series[];
  readonly shownOf: (one: Series) => string;
}) {
  const looks = looksOf(series);
  return (
    <ul
      aria-label={text.legend(title)}
      className="mb-3 flex min-h-5 flex-wrap gap-x-4 gap-y-1 text-xs"
    >
      {series.map((one, i) => (
        <li key={one.label} className="flex items-center gap-1.5">
          <Sample colour={one.colour} {...looks[i]} />
          <span className="text-ink-soft">{one.label}</span>
          <span className="figures">{shownOf(one)}</span>
        </li>
      ))}
    </ul>
  );
}

function Sample({
  colour,
  mark,
  dash,
}: { readonly colour: string } & ReturnType<typeof looksOf>[number]) {
  const ink = `var(--${colour})`;
  return (
    <svg aria-hidden="true" width="28" height="10" className="shrink-0">
      <path d="M0,5H28" stroke={ink} strokeWidth="2" strokeDasharray={dash?.join(" ")} />
      {mark && <path d={markPath(mark, { x: 14, y: 5, size: 3 })} fill={ink} />}
    </svg>
  );
}
