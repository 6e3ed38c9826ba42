import type { DrawnCurve } from "../../lib/compare/drawn";
import { text } from "../../text/compare";

const words = text.curves;
const mostRows = 50;

/** The curves as numbers; of many rounds some, evenly chosen. */
export function CurveTable({
  curves,
  metric,
  format,
}: {
  readonly curves: readonly DrawnCurve[];
  readonly metric: string;
  readonly format: (value: number) => string;
}) {
  const all = [...new Set(curves.flatMap(({ points }) => points.map(({ round }) => round)))];
  const rounds = all.sort((a, b) => a - b);
  const nth = Math.ceil(rounds.length / mostRows);
  const shown = rounds.filter((_, i) => i % nth === 0 || i === rounds.length - 1);
  const byRound = curves.map(({ points }) => new Map(points.map((point) => [point.round, point])));
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards must be able to scroll it */}
      <section aria-label={words.caption(metric)} tabIndex={0} className="max-h-110 overflow-auto">
        <table className="w-full text-left text-sm">
          <caption className="sr-only">{words.caption(metric)}</caption>
          <thead>
            <tr className="border-b border-line text-xs text-ink-soft">
              <th scope="col" className="py-1.5 font-normal">
                {words.round}
              </th>
              {curves.map(({ arm, number }) => (
                <th key={arm.id} scope="col" className="py-1.5 pl-4 text-right font-normal">
                  {number} {arm.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="figures">
            {shown.map((round) => (
              <tr key={round} className="border-b border-line last:border-0">
                <th scope="row" className="py-1.5 font-normal">
                  {round}
                </th>
                {curves.map(({ arm }, i) => {
                  const point = byRound[i].get(round);
                  return (
                    <td key={arm.id} className="py-1.5 pl-4 text-right">
                      {point ? format(point.mean) : "–"}
                      {point?.interval && (
                        <span className="block text-xs text-ink-soft">
                          {text.results.range(format(point.interval[0]), format(point.interval[1]))}
                        </span>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {nth > 1 && <p className="mt-2 text-xs text-ink-soft">{words.everyNth(nth)}</p>}
    </>
  );
}
