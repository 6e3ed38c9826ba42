"use client";

import type { ExperimentView } from "@tandem/protocol/view";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { useEffect, useMemo, useRef, useState } from "react";
import { armsOf } from "../../lib/compare/arms";
import type { Choice } from "../../lib/compare/choices";
import { drawnOf } from "../../lib/compare/drawn";
import { figuresOf } from "../../lib/compare/figures";
import { type Comparison, comparisonOf, mostRuns, queryOf } from "../../lib/compare/query";
import { useRuns } from "../../lib/compare/use-runs";
import { useTheme } from "../../lib/theme";
import { text } from "../../text/compare";
import { For } from "../account/visitor";
import { Button } from "../ui/button";
import { CopyButton } from "../ui/copy-button";
import { Empty } from "../ui/panel";
import { ChosenArms } from "./chosen-arms";
import { CostPanel } from "./cost-panel";
import { CurvesPanel } from "./curves-panel";
import { ResultsPanel } from "./results-panel";
import { RunPicker } from "./run-picker";
import { type Names, SettingsPanel } from "./settings-panel";

type Props = {
  readonly choices: readonly Choice[];
  readonly names: Names;
  /** Of this page, as others reach it. */
  readonly address: string;
};

const writeMs = 200;

/** Some experiments beside each other; the page's address keeps all of the view. */
export function Compare({ choices, names, address }: Props) {
  const [{ leftOut, ...comparison }, setComparison] = useComparison();
  const change = (changes: Partial<Comparison>) =>
    setComparison({ ...comparison, leftOut: [], ...changes });
  const query = queryOf(comparison);
  const { runs, gone, failed, message, waiting, retry } = useRuns(comparison.runs);
  const { drawn, figures, hasSeeds } = useDrawn(runs, comparison);
  const isPinnedAway =
    comparison.pinned !== undefined && waiting === 0 && !drawn.some(({ isPinned }) => isPinned);
  const nameOf = (id: string) => choices.find((one) => one.id === id)?.name ?? id;
  const without = (ids: readonly string[]) =>
    change({ runs: comparison.runs.filter((id) => !ids.includes(id)) });
  return (
    <>
      <div className="mb-8 flex flex-wrap items-end justify-between gap-4">
        <div>
          <h1 className="text-3xl font-semibold">{text.title}</h1>
          <p className="mt-2 max-w-prose text-ink-soft">{text.lead}</p>
        </div>
        {comparison.runs.length > 0 && (
          <CopyButton text={`${address}?${query}`} label={text.copyLink} shown={text.link} />
        )}
      </div>
      <Problem
        says={gone.length > 0 && text.problems.gone(gone)}
        action={text.problems.removeGone}
        onAct={() => without(gone)}
      />
      <Problem
        says={failed.length > 0 && text.problems.failed(failed.map(nameOf), message)}
        action={text.problems.retry}
        onAct={retry}
      />
      <Problem says={leftOut.length > 0 && text.problems.leftOut(mostRuns, leftOut)} />
      <Problem
        says={isPinnedAway && text.problems.pinnedAway}
        action={text.problems.unpin}
        onAct={() => change({ pinned: undefined })}
      />
      <p role="status" className="sr-only">
        {waiting > 0 && text.chosen.loading(waiting)}
      </p>
      <div className="grid items-start gap-6 lg:grid-cols-[20rem_minmax(0,1fr)]">
        <div className="grid min-w-0 gap-6">
          <RunPicker
            choices={choices}
            chosen={comparison.runs}
            onChange={(ids) => change({ runs: ids })}
          />
          {drawn.length > 0 && (
            <ChosenArms
              drawn={drawn}
              hasSeeds={hasSeeds}
              apart={comparison.apart}
              onApart={(apart) => change({ apart })}
              onPin={(pinned) => change({ pinned })}
              onRemove={without}
            />
          )}
        </div>
        {drawn.length > 0 ? (
          <CurvesPanel drawn={drawn} shown={comparison} onChange={change} />
        ) : (
          <Start choices={choices} waiting={waiting} />
        )}
      </div>
      {drawn.length > 0 && (
        <div className="mt-6 grid min-w-0 gap-6">
          {runs.length === 1 && waiting === 0 && (
            <p className="text-sm text-ink-soft">{text.start.one}</p>
          )}
          <ResultsPanel drawn={drawn} figures={figures} />
          <CostPanel drawn={drawn} figures={figures} />
          {drawn.length > 1 && <SettingsPanel drawn={drawn} names={names} />}
        </div>
      )}
    </>
  );
}

/** What the page's address says, and says again once it is changed here. */
function useComparison() {
  const params = useSearchParams();
  const [comparison, setComparison] = useState(() => comparisonOf(params));
  const query = queryOf(comparison);
  const address = queryOf(comparisonOf(params));
  const latest = useRef(address);
  const written = useRef(new Set<string>());
  useEffect(() => {
    // Not at each step of a slider: browsers let an address change so often only.
    const timer = setTimeout(() => {
      if (query === latest.current) return;
      written.current.add(query);
      const path = window.location.pathname;
      window.history.replaceState(null, "", query === "" ? path : `${path}?${query}`);
    }, writeMs);
    return () => clearTimeout(timer);
  }, [query]);
  useEffect(() => {
    if (address === latest.current) return;
    latest.current = address;
    // Another link to this page, or the way back to one.
    if (!written.current.delete(address)) setComparison(comparisonOf(new URLSearchParams(address)));
  }, [address]);
  return [comparison, setComparison] as const;
}

/** The runs as they are drawn, and what they come to. */
function useDrawn(
  runs: readonly ExperimentView[],
  { apart, pinned }: Pick<Comparison, "apart" | "pinned">,
) {
  const theme = useTheme();
  const together = useMemo(() => armsOf(runs, false), [runs]);
  const arms = useMemo(() => (apart ? armsOf(runs, true) : together), [runs, apart, together]);
  const drawn = useMemo(() => drawnOf(arms, { pinned, theme }), [arms, pinned, theme]);
  const figures = useMemo(() => {
    const base = arms.find((arm) => arm.runs.some(({ id }) => id === pinned));
    return arms.map((arm) => figuresOf(arm, base));
  }, [arms, pinned]);
  return { drawn, figures, hasSeeds: together.length < runs.length };
}

/** In place of curves: what to do next. */
function Start({
  choices,
  waiting,
}: {
  readonly choices: readonly Choice[];
  readonly waiting: number;
}) {
  if (waiting > 0)
    return (
      <Empty title={text.chosen.loading(waiting)} className="min-h-80">
        {text.start.soon}
      </Empty>
    );
  if (choices.length > 0)
    return (
      <Empty title={text.start.title} className="min-h-80">
        {text.start.hint}
      </Empty>
    );
  return (
    <Empty title={text.none.title} className="min-h-80">
      {text.none.hint}{" "}
      <For who="researcher">
        <Link href="/experiments/new" className="underline underline-offset-4">
          {text.none.action}
        </Link>
      </For>
    </Empty>
  );
}

/** What of the link cannot be shown, and a way out where there is one. */
function Problem({
  says,
  action,
  onAct,
}: {
  readonly says: string | false;
  readonly action?: string;
  readonly onAct?: () => void;
}) {
  if (says === false) return null;
  return (
    <div
      role="alert"
      className="mb-6 flex flex-wrap items-center justify-between gap-3 rounded-lg bg-bad-soft px-4 py-3 text-sm text-bad"
    >
      <p className="min-w-0 break-words">{says}</p>
      {onAct && <Button onClick={onAct}>{action}</Button>}
    </div>
  );
}
