import { plural } from "@tandem/core/format";
import type { ExperimentView, JoiningView, StrategyView } from "@tandem/protocol/view";
import type { Metadata } from "next";
import { JoinExperiment } from "../../../components/join/join-experiment";
import { joinQuery, type SearchParameters } from "../../../lib/join/join-query";
import { load, loadOr404 } from "../../../lib/server-api";

type Props = {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Promise<SearchParameters>;
};

export const metadata: Metadata = { title: "Take part" };

export default async function JoinPage({ params, searchParams }: Props) {
  const { id } = await params;
  const [{ config, status }, joining, strategies, given] = await Promise.all([
    loadOr404<ExperimentView>(`/api/experiments/${id}`),
    loadOr404<JoiningView>(`/api/experiments/${id}/joining`),
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
        This tab trains a small model of its own, for {plural(config.rounds, "round")}.{" "}
        {strategy.needs.teacher
          ? "A text-to-image model on the server paints pictures; your tab says what its model makes of them, and all models learn from each other's answers."
          : "Below you see what the tab sends to the server, and how well its model does."}
      </p>
      <JoinExperiment
        experiment={{ id, status, rounds: config.rounds }}
        strategy={strategy}
        joining={joining}
        query={joinQuery(given)}
      />
    </>
  );
}
