import type { ExperimentView, JoiningView, StrategyView } from "@tandem/protocol/view";
import type { Metadata } from "next";
import { Consent } from "../../../components/join/consent";
import { Expectation } from "../../../components/join/expectation";
import { JoinExperiment } from "../../../components/join/join-experiment";
import { WhatLeaves } from "../../../components/join/what-leaves";
import { TaskInShort } from "../../../components/tasks/about-task";
import { Alert } from "../../../components/ui/alert";
import { Details } from "../../../components/ui/details";
import { basePath } from "../../../lib/base-path";
import { expectationOf } from "../../../lib/join/expectation";
import { joinQuery, type SearchParameters } from "../../../lib/join/join-query";
import type { OwnTask } from "../../../lib/own-data/collection";
import { load, loadOr404, loadTask } from "../../../lib/server-api";
import { currentVisit } from "../../../lib/visit";
import { text } from "../../../text/join-terms";

type Props = {
  readonly params: Promise<{ readonly id: string }>;
  readonly searchParams: Promise<SearchParameters>;
};

export const metadata: Metadata = { title: text.title };

export default async function JoinPage({ params, searchParams }: Props) {
  const { id } = await params;
  const [{ config, status, rounds }, joining, strategies, given] = await Promise.all([
    loadOr404<ExperimentView>(`/api/experiments/${id}`),
    loadOr404<JoiningView>(`/api/experiments/${id}/joining`),
    load<readonly StrategyView[]>("/api/strategies"),
    searchParams,
  ]);
  const task = await loadTask(config.dataset);
  const strategy = strategies.find(({ name }) => name === config.strategy);
  if (!strategy) throw new Error(text.noStrategy(config.strategy));
  return (
    <>
      <p className="text-sm text-ink-soft">{text.takePartIn}</p>
      <h1 className="mt-1 text-2xl font-semibold break-words sm:text-3xl">{config.name}</h1>
      <noscript>
        <Alert className="mt-4">{text.noScript}</Alert>
      </noscript>
      {task?.data === "own" && <TaskInShort task={task.task} />}
      <JoinExperiment
        study={{
          id,
          name: config.name,
          status,
          rounds: config.rounds,
          dataset: config.dataset,
          hasTeacher: strategy.needs.teacher,
          isTaught: strategy.adapters,
        }}
        joining={joining}
        task={task?.data === "own" ? ownTask(task.task) : undefined}
        query={joinQuery(given, currentVisit())}
        costs={<Expectation expectation={expectationOf(config, rounds, joining)} />}
        consent={<Consent disclosure={joining.disclosure} kept={keptOf(joining)} />}
        details={
          <Details title={text.details}>
            <WhatLeaves
              title={strategy.title}
              disclosure={joining.disclosure}
              own={joining.own}
              ownEncoder={joining.ownEncoder}
            />
            <a
              href={`${basePath}/docs/join`}
              target="_blank"
              rel="noreferrer"
              className="mt-5 inline-block text-sm underline underline-offset-2"
            >
              {text.guide}
            </a>
          </Details>
        }
      />
    </>
  );
}

const keptOf = ({ consent }: JoiningView) =>
  consent.terms.find(({ what }) => what === "Kept")?.said;

/** What the page's panel for own data needs of it. */
const ownTask = ({ classes, modalities, pictures, least, backbone }: OwnTask): OwnTask => ({
  classes,
  modalities,
  pictures,
  least,
  ...(backbone && { backbone }),
});
