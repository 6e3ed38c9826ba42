import type { LocalOnlyView } from "@tandem/protocol/live-view";
import type { ExperimentView, StrategyView } from "@tandem/protocol/view";
import type { Metadata } from "next";
import { Applicants } from "../../../components/live/applicants";
import { Invitations } from "../../../components/live/invitations";
import { JoinCard } from "../../../components/live/join-card";
import { LiveExperiment } from "../../../components/live/live-experiment";
import { load, loadOr404, loadTask } from "../../../lib/server-api";
import { currentVisit } from "../../../lib/visit";
import { text } from "../../../text/experiment";

type Props = { readonly params: Promise<{ readonly id: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { id } = await params;
  const { config } = await loadOr404<ExperimentView>(`/api/experiments/${id}`);
  return { title: config.name };
}

export default async function ExperimentPage({ params }: Props) {
  const { id } = await params;
  const [view, strategies] = await Promise.all([
    loadOr404<ExperimentView>(`/api/experiments/${id}`),
    load<readonly StrategyView[]>("/api/strategies"),
  ]);
  const local = await load<LocalOnlyView | null>(`/api/experiments/${view.id}/local-only`);
  const { strategy: wanted, dataset } = view.config;
  const task = await loadTask(dataset);
  const strategy = strategies.find(({ name }) => name === wanted);
  if (!strategy) throw new Error(text.noStrategy(wanted));
  const url = `${currentVisit().address}/join/${view.id}`;
  return (
    <LiveExperiment
      initial={view}
      strategy={strategy}
      task={task}
      local={local ?? undefined}
      joinCard={
        view.config.admission === "invitation" ? (
          <Invitations experiment={view.id} url={url} />
        ) : (
          <>
            {view.config.admission === "approval" && <Applicants experiment={view.id} />}
            <JoinCard url={url} />
          </>
        )
      }
    />
  );
}
