import type { Measured } from "@tandem/client/own-model/messages";
import { formatWholePercent } from "@tandem/core/format";
import { useId } from "react";
import { text } from "../../text/result";

const words = text.classes;

/** Of each class, how much is right. */
export function ClassBars({
  classes,
  shares,
}: {
  readonly classes: readonly string[];
  readonly shares: Measured["classes"];
}) {
  const id = useId();
  if (shares.length === 0) return null;
  return (
    <div className="mt-6">
      <h3 id={id} className="text-sm font-medium">
        {words.title}
      </h3>
      <ul aria-labelledby={id} className="mt-2 grid gap-x-8 gap-y-1.5 sm:grid-cols-2">
        {shares.map(({ hits, count, share }, i) => (
          <li key={classes[i]} className="flex min-w-0 items-center gap-3 text-sm">
            <span className="w-28 shrink-0 truncate" title={classes[i]}>
              {classes[i]}
            </span>
            <Bar share={share ?? 0} />
            <span className="figures w-24 shrink-0 text-right text-xs text-ink-soft">
              {share === undefined ? words.none : words.of(hits, count)}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** What a number beside it says. */
export function Bar({ share }: { readonly share: number }) {
  return (
    <span aria-hidden="true" className="h-2 min-w-0 flex-1 rounded-full bg-sunken">
      <span className="block h-full rounded-full bg-clients" style={{ width: `${share * 100}%` }} />
    </span>
  );
}

/** Rows are what the samples are, columns what the model takes them for. */
export function Confusion({
  classes,
  counts,
}: {
  readonly classes: readonly string[];
  readonly counts: Measured["confusion"];
}) {
  return (
    <>
      <p className="mb-3 text-sm text-ink-soft">{words.about}</p>
      <section
        aria-label={words.scrolls}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards must be able to scroll it
        tabIndex={0}
        className="overflow-x-auto"
      >
        <table className="text-xs">
          <caption className="sr-only">{words.caption}</caption>
          <thead>
            <tr>
              <th scope="col" className="pr-3 pb-1 text-left font-normal text-ink-soft">
                {words.is}
              </th>
              {classes.map((name) => (
                <th
                  key={name}
                  scope="col"
                  className="max-w-20 truncate px-2 pb-1 text-right font-normal text-ink-soft"
                  title={name}
                >
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {counts.map((row, label) => {
              const sum = row.reduce((a, b) => a + b, 0);
              return (
                <tr key={classes[label]}>
                  <th
                    scope="row"
                    className="max-w-32 truncate pr-3 text-left font-normal text-ink-soft"
                    title={classes[label]}
                  >
                    {classes[label]}
                  </th>
                  {row.map((count, column) => (
                    <td
                      key={classes[column]}
                      title={sum > 0 ? formatWholePercent(count / sum) : undefined}
                      className={`figures px-2 py-1 text-right ${cellTone(count, label === column)}`}
                    >
                      {count}
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
    </>
  );
}

function cellTone(count: number, isRight: boolean): string {
  if (isRight) return "rounded bg-clients-soft font-medium";
  return count === 0 ? "text-ink-faint" : "";
}
