import type { ClientModality } from "@tandem/core/data";
import { summariseClients } from "@tandem/evaluation/clients";
import { trafficOf } from "@tandem/evaluation/communication";
import {
  differenceOfMeans,
  type Sample,
  sampleOf,
  sampleOfDifferences,
} from "@tandem/evaluation/statistics";
import type { ExperimentView, RoundView } from "@tandem/protocol/view";
import type { Arm } from "./arms";
import { courseOf } from "./courses";

/** What an arm comes to, over its seeds; undefined where no run has it. */
export type Figures = {
  readonly arm: Arm;
  /** After the last round that has measured it: mean over clients, 0-1. */
  readonly accuracy: Sample | undefined;
  readonly byModality: Readonly<Partial<Record<ClientModality, Sample>>>;
  /** Mean of the lowest tenth of the clients, by the latest accuracy of each. */
  readonly worst: Sample | undefined;
  /** To the pinned arm; undefined for itself too. */
  readonly difference: Difference | undefined;
  /** That have ended. */
  readonly rounds: Sample | undefined;
  /** Of one client in one round. */
  readonly up: Sample | undefined;
  readonly down: Sample | undefined;
  /** Of all clients in all rounds, up and down. */
  readonly bytes: Sample | undefined;
  readonly ms: Sample | undefined;
};

/** Seed by seed over the `pairs` seeds that both have; 0: of the means, as of samples that do not pair. */
export type Difference = Pick<Sample, "mean" | "interval"> & { readonly pairs: number };

export const modalities = ["image", "text", "image-text"] as const satisfies ClientModality[];

export function figuresOf(arm: Arm, pinned: Arm | undefined): Figures {
  const of = (measure: Measure) => sampleOf(perSeed(arm, measure));
  const inRound = (name: string) => of((run) => measuredIn(run)?.metrics[name]);
  return {
    arm,
    accuracy: of(accuracyOf),
    byModality: Object.fromEntries(
      modalities.flatMap((name) => {
        const sample = inRound(`accuracy/${name}`);
        return sample ? [[name, sample]] : [];
      }),
    ),
    worst: of(worstTenth),
    difference: pinned && pinned.id !== arm.id ? differenceTo(pinned, arm) : undefined,
    rounds: of(({ rounds }) => endedOf(rounds).length),
    up: of(({ rounds }) => trafficOf(endedOf(rounds)).upPerClient || undefined),
    down: of(({ rounds }) => trafficOf(endedOf(rounds)).downPerClient || undefined),
    bytes: of((run) => courseOf(run).at(-1)?.bytes),
    ms: of((run) => courseOf(run).at(-1)?.ms),
  };
}

type Measure = (run: ExperimentView) => number | undefined;

const perSeed = ({ runs }: Arm, measure: Measure): ReadonlyMap<number, number> =>
  new Map(
    runs.flatMap((run) => {
      const value = measure(run);
      return value === undefined ? [] : [[run.config.seed, value] as const];
    }),
  );

const endedOf = (rounds: readonly RoundView[]) =>
  rounds.filter(({ endedAt }) => endedAt !== undefined);

/** The last round that has measured the clients. */
const measuredIn = ({ rounds }: ExperimentView) =>
  rounds.findLast(({ metrics }) => metrics["accuracy/mean"] !== undefined);

const accuracyOf: Measure = (run) => measuredIn(run)?.metrics["accuracy/mean"];

const worstTenth: Measure = ({ clients }) => {
  const scores = clients.flatMap(({ accuracy, modality, status }) =>
    accuracy === undefined || status === "removed" ? [] : [{ accuracy, modality }],
  );
  return scores.length > 0 ? summariseClients(scores).all.worst : undefined;
};

function differenceTo(pinned: Arm, arm: Arm): Difference | undefined {
  const [own, other] = [perSeed(arm, accuracyOf), perSeed(pinned, accuracyOf)];
  const paired = sampleOfDifferences(own, other);
  if (paired) return { ...paired, pairs: paired.count };
  const [left, right] = [sampleOf(own), sampleOf(other)];
  return left && right && { ...differenceOfMeans(left, right), pairs: 0 };
}
