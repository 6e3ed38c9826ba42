import type { ExperimentView, StrategyView } from "@tandem/protocol/view";
import type { Metadata } from "next";
import { JoinExperiment } from "../../../components/join/join-experiment";
import { joinQuery, type SearchParameters } from "../../../lib/join-query";
import { load, loadOr404 } from "../../../lib/server-api";

type Props = {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Promise<SearchParameters>;
};

export const metadata: Metadata = { title: "Take part" };

export default async function JoinPage({ params, searchParams }: Props) {
  const { id } = await params;
  const [{ config, status }, strategies, given] = await Promise.all([
    loadOr404<ExperimentView>(`/api/experiments/${id}`),
    load<readonly StrategyView[]>("/api/strategies"),
    searchParams,
  ]);
  const strategy = strategies.find(({ name }) => name === config.strategy);
  if (!strategy) throw new Error(`This server has no strategy named ${config.strategy}.`);
  return (
    <>
      <p className="text-sm text-ink-soft">Take part in</p>
      <h1 className="mt-1 text-3xl font-semibold break-words">{config.name}</h1>
      <p className="mt-2 mb-8 max-w-prose text-ink-soft">
        This tab trains a small model of its own. With {strategy.title}, it learns from the other
        tabs for {config.rounds} {config.rounds === 1 ? "round" : "rounds"}.
        {status === "draft" && " The experiment has not started; you can join and wait."}
      </p>
      <JoinExperiment experiment={{ id, status }} strategy={strategy} query={joinQuery(given)} />
    </>
  );
}
