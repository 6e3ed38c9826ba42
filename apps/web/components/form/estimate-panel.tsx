"use client";

import { formatBytes, formatDuration } from "@tandem/core/format";
import { useMemo } from "react";
import { useWatch } from "react-hook-form";
import { numberDocs } from "../../lib/docs/setting-docs";
import type { FormShape, FormValues } from "../../lib/form/experiment-form";
import { formEstimate } from "../../lib/form/form-estimate";
import { text } from "../../text/new-experiment";
import { DocsLink } from "../docs/docs-link";

const said = text.estimate;

/** Rough time and bytes of what the form holds, and what they count on. */
export function EstimatePanel({ shape }: { readonly shape: FormShape }) {
  const values = useWatch() as FormValues;
  const made = useMemo(() => formEstimate(shape, values), [shape, values]);
  return (
    <section
      aria-label={said.title}
      className="min-w-0 rounded-2xl border border-line bg-surface p-4 text-sm"
    >
      <div className="flex items-center justify-between gap-3">
        <h2 className="font-semibold">{said.title}</h2>
        <DocsLink to={numberDocs.estimate} about={said.title} />
      </div>
      {made ? <Figures {...made} /> : <p className="mt-1 text-xs text-ink-soft">{said.unknown}</p>}
    </section>
  );
}

type Made = NonNullable<ReturnType<typeof formEstimate>>;

function Figures({ cost, world, clients, deadlineMs }: Made) {
  const rows = [
    [said.apart, duration(cost.apartMs)],
    [said.together, duration(cost.togetherMs)],
    [said.up, size(cost.bytesUp)],
    [said.down, size(cost.bytesDown)],
    [said.total, size(cost.totalBytes)],
  ] as const;
  return (
    <>
      <p className="mt-0.5 text-xs text-ink-soft">{said.clients(clients)}</p>
      <dl className="mt-2">
        {rows.map(([name, value]) => (
          <div key={name} className="flex justify-between gap-3 py-0.5">
            <dt className="text-xs text-ink-soft">{name}</dt>
            <dd className="figures text-xs whitespace-nowrap">{said.about(value)}</dd>
          </div>
        ))}
      </dl>
      {cost.firstRoundMs > deadlineMs && (
        <p className="mt-2 text-xs font-medium text-teacher-ink">
          {said.late(duration(cost.firstRoundMs))}
        </p>
      )}
      <details className="mt-2 text-xs text-ink-soft">
        <summary className="cursor-pointer py-1 hover:text-ink">{said.details}</summary>
        <ul className="mt-1 space-y-1.5">
          {[
            said.rough,
            said.apartMeans,
            said.togetherMeans,
            said.excluded,
            ...(world.isAssumed ? [said.assumed(world.samples)] : []),
            ...(cost.hasPainting ? [] : [said.noPainting]),
          ].map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      </details>
    </>
  );
}

/** Two digits: more would be no estimate. */
const rounded = (value: number): number => Number(value.toPrecision(2));

/** Whole minutes, where it takes some. */
function duration(ms: number): string {
  const unit = ms > 120_000 ? 60_000 : 1000;
  return formatDuration(Math.max(1, Math.round(rounded(ms) / unit)) * unit);
}

const size = (bytes: number): string =>
  formatBytes(rounded(bytes))
    .replace(/(\.\d*?)0+ /, "$1 ")
    .replace(". ", " ");
