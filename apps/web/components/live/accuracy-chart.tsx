"use client";

import type { ClientCurvesView, LocalOnlyView } from "@tandem/protocol/live-view";
import type { ExperimentView } from "@tandem/protocol/view";
import Link from "next/link";
import { useMemo, useState } from "react";
import { accuracySeries, clientSeries } from "../../lib/live/series";
import { meanText } from "../../lib/measured-on";
import { type Resource, useResource } from "../../lib/use-resource";
import { text as chartText } from "../../text/charts";
import { text } from "../../text/experiment";
import { ChartChoice, ChartPanel } from "./chart-panel";
import { isExpected, shareScale, useRoundAxis } from "./round-charts";

type Props = {
  readonly view: ExperimentView;
  readonly local: LocalOnlyView | undefined;
  readonly smoothing: number;
  readonly onSmoothing: (smoothing: number) => void;
};

/** The clients' accuracy: means, how far clients are apart, each of them, and what they reach alone. */
export function AccuracyChart({ view, local, smoothing, onSmoothing }: Props) {
  const { rounds, measuredOn = "public" } = view;
  const { references, rounds: planned } = view.config;
  const [spread, setSpread] = useState(true);
  const [byClient, setByClient] = useState(false);
  const ended = rounds.filter(({ endedAt }) => endedAt !== undefined).length;
  const curves = useResource<ClientCurvesView>(
    byClient ? `/api/experiments/${view.id}/curves?ended=${ended}` : undefined,
  );
  const axis = useRoundAxis(rounds, planned);
  const isMeasured = rounds.some(({ metrics }) => metrics["accuracy/mean"] !== undefined);
  const series = useMemo(
    () => (isMeasured ? accuracySeries(rounds, references, local) : []),
    [isMeasured, rounds, references, local],
  );
  const loaded = curves.type === "ready" ? curves.value : undefined;
  const clients = useMemo(
    () => (byClient && loaded ? clientSeries(loaded, axis.rounds) : []),
    [byClient, loaded, axis.rounds],
  );
  if (!isMeasured && !isExpected(view)) return null;
  const words = text.curves;
  return (
    <ChartPanel
      title={words.accuracy}
      description={words.accuracyText(meanText[measuredOn])}
      empty={words.accuracyLater}
      series={series}
      {...axis}
      {...shareScale}
      {...{ smoothing, spread, clients }}
      height={264}
      choices={
        <>
          <ChartChoice isOn={spread} onChange={setSpread}>
            {words.spread}
          </ChartChoice>
          <ChartChoice isOn={byClient} onChange={setByClient}>
            {words.eachClient}
          </ChartChoice>
        </>
      }
    >
      <div className="mt-3 flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div className="min-w-0 flex-1 basis-64 space-y-1 text-xs text-ink-soft">
          {spread && <p>{words.spreadNote}</p>}
          {byClient && <p role="status">{curvesText(curves)}</p>}
          {local && (
            <p>
              {words.localNote}{" "}
              <Link
                href={`/experiments/${local.id}`}
                className="break-words underline underline-offset-4 hover:text-ink"
              >
                {local.name}
              </Link>
            </p>
          )}
        </div>
        <Smoothing value={smoothing} onChange={onSmoothing} />
      </div>
    </ChartPanel>
  );
}

function curvesText(curves: Resource<ClientCurvesView>): string {
  if (curves.type === "failed") return curves.message;
  if (curves.type === "loading") return text.curves.loading;
  return text.curves.clientsNote(curves.value.clients.length);
}

function Smoothing({
  value,
  onChange,
}: {
  readonly value: number;
  readonly onChange: (value: number) => void;
}) {
  return (
    <label className="flex items-center gap-2 text-xs text-ink-soft">
      {chartText.smoothing}
      <input
        type="range"
        min={0}
        max={0.95}
        step={0.05}
        value={value}
        aria-valuetext={chartText.smoothingValue(value)}
        onChange={({ target }) => onChange(Number(target.value))}
        className="w-28 accent-clients"
      />
      <output className="figures w-9 text-right">{chartText.smoothingValue(value)}</output>
    </label>
  );
}
