import type { Intake } from "@tandem/intake/intake";
import { useMemo } from "react";
import type { OwnTask } from "../../lib/own-data/collection";
import { text } from "../../text/own-data";

/** How many samples there are of each class. */
export function ClassHistogram({
  intake: { samples },
  task: { classes },
}: {
  readonly intake: Intake;
  readonly task: OwnTask;
}) {
  const rows = useMemo(() => {
    const counts = Array.from(
      classes,
      (_, label) => samples.filter((sample) => sample.label === label).length,
    );
    const open = samples.filter(({ label }) => label === undefined).length;
    return [
      ...classes.map(({ name }, label) => ({ name, count: counts[label], isOpen: false })),
      ...(open > 0 ? [{ name: text.openClass, count: open, isOpen: true }] : []),
    ];
  }, [samples, classes]);
  const most = Math.max(1, ...rows.map(({ count }) => count));
  return (
    <section aria-labelledby="what-was-read">
      <h3 id="what-was-read" className="text-sm font-semibold">
        {text.read.title(samples.length)}
      </h3>
      <ul aria-label={text.read.classes} className="mt-3 max-h-80 space-y-1.5 overflow-y-auto">
        {rows.map(({ name, count, isOpen }) => (
          <li
            key={isOpen ? "" : `=${name}`}
            className="grid grid-cols-[minmax(0,7rem)_minmax(0,1fr)_2.5rem] items-center gap-3 text-sm"
          >
            <span
              className={`truncate ${count === 0 || isOpen ? "text-ink-soft" : ""}`}
              title={name}
            >
              {name}
            </span>
            <span aria-hidden="true" className="h-2.5 overflow-hidden rounded-full bg-sunken">
              <span
                className={`block h-full rounded-full ${isOpen ? "bg-line-strong" : "bg-clients"}`}
                style={{ width: `${(100 * count) / most}%` }}
              />
            </span>
            <span className="figures text-right text-ink-soft">{count}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
