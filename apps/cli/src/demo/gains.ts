import { formatBytes, formatDuration, formatPercent, listed } from "@tandem/core/format";
import { clientPartsShare, partsOfClients } from "@tandem/datasets/client-parts";
import type { ExperimentView, RoundView } from "@tandem/protocol/view";

type Told = Pick<ExperimentView, "rounds"> & {
  readonly config: Pick<ExperimentView["config"], "dataset" | "rounds" | "references">;
};

/** One line of a round that has ended: both curves, each with what it is to be compared with. */
export function gainsLine(round: RoundView, { config, rounds }: Told): string {
  const { metrics, phases, endedAt = 0 } = round;
  const painted = clientPartsShare(config.dataset, metrics, "teacher/part/");
  return [
    `Round ${round.round} of ${config.rounds}: ${formatDuration(endedAt - (phases[0]?.at ?? endedAt))}`,
    `${round.uploads} of ${round.cohort} clients in`,
    `pictures in the participants' style ${share(painted)} (base: ${share(baseShare(config, rounds))})`,
    `clients' accuracy ${share(metrics["accuracy/mean"])}${besides(config)}`,
  ].join(" | ");
}

/** What the run has gained, in three sentences: the teacher, the clients, and what left the tabs. */
export function gains({ config, rounds }: Told): readonly string[] {
  const measured = (of: (metrics: RoundView["metrics"]) => number | undefined) =>
    rounds.flatMap(({ metrics }) => of(metrics) ?? []);
  const painted = measured((metrics) => clientPartsShare(config.dataset, metrics, "teacher/part/"));
  const accuracies = measured((metrics) => metrics["accuracy/mean"]);
  const answers = rounds.reduce((sum, { uploads }) => sum + uploads, 0);
  const bytes = rounds.reduce((sum, { bytesUp }) => sum + bytesUp, 0);
  const style = listed(partsOfClients(config.dataset) ?? [], "or");
  return [
    painted.length > 0
      ? `Teacher: an independent judge takes ${share(painted.at(-1))} of its pictures for the participants' style (${style}), and took ${share(baseShare(config, rounds))} before the first lesson.`
      : "Teacher: nobody has judged its pictures.",
    accuracies.length > 0
      ? `Clients: their mean accuracy is ${share(accuracies.at(-1))}, and was ${share(accuracies.at(0))} when it was first measured${besides(config)}.`
      : "Clients: none has measured its accuracy.",
    `What left the tabs: ${formatBytes(bytes / Math.max(1, answers))} per client and round: what its models say of painted pictures and captions, how accurate they are and which classes it holds; no sample, and no weight of a model.`,
  ];
}

const baseShare = ({ dataset }: Told["config"], rounds: readonly RoundView[]) =>
  rounds.flatMap(({ metrics }) => clientPartsShare(dataset, metrics, "teacher/basePart/") ?? [])[0];

const besides = ({ references = [] }: Told["config"]): string =>
  references.length > 0
    ? ` (${references.map(({ label, accuracy }) => `${label}: ${share(accuracy)}`).join(", ")})`
    : "";

const share = (value: number | undefined): string =>
  value === undefined ? "not measured" : formatPercent(value);
