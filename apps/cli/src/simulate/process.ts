import type { RunConfig } from "@tandem/simulation/experiment-file/plan";
import type { RunRecord } from "../experiments/record";
import { type ChildWork, serveJob } from "../harness/child-job";
import { roundLine } from "../progress";
import { durations, runSimulation } from "./run";

export type SimulationJob = {
  readonly name: string;
  readonly seed: number;
  readonly config: RunConfig;
  readonly threads: number;
};
export type Measured = Pick<RunRecord, "attackers" | "clients" | "rounds">;
export type Simulation = ChildWork<SimulationJob, Measured>;

/** Simulates a run of an experiment, beside a teacher of its own. */
const simulation: Simulation = async ({ name, seed, config, threads }, note) => {
  const { clients: count, attack, faults, ...experiment } = config;
  let reported = 0;
  const { view, metrics, attackers } = await runSimulation({
    // The longest deadline there is: what is measured must not depend on the machine's speed.
    config: { ...experiment, name, seed, deadlineMs: 86_400_000 },
    clients: count,
    ...(attack && { attack: { ...attack, seed } }),
    ...(faults && { faults: { ...faults, seed } }),
    threads,
    signal: new AbortController().signal,
    onView({ rounds }) {
      for (const done of rounds.filter((r) => r.endedAt !== undefined && r.round > reported)) {
        reported = done.round;
        note(roundLine(done, config.rounds));
      }
    },
  });
  const clients = [...view.clients].sort((a, b) => a.slot - b.slot);
  const accuracyOf = (client: string, round: number) =>
    metrics.find((own) => own.client === client && own.round === round)?.metrics.accuracy;
  return {
    ...(attack && { attackers: [...attackers] }),
    clients: clients.map(({ modality, architecture, source, samples, bytesUp, bytesDown }) => ({
      modality,
      architecture,
      source,
      samples,
      bytesUp,
      bytesDown,
    })),
    rounds: view.rounds.map((own) => ({
      round: own.round,
      cohort: own.cohort,
      uploads: own.uploads,
      refused: own.refused,
      bytesUp: own.bytesUp,
      bytesDown: own.bytesDown,
      metrics: Object.fromEntries(
        Object.entries(own.metrics).map(([metric, value]) => [metric, compact(value)]),
      ),
      accuracy: clients.map(({ id }) => {
        const accuracy = accuracyOf(id, own.round);
        return accuracy === undefined ? null : compact(accuracy);
      }),
      phaseMs: durations(own),
    })),
  };
};

/** As many digits as float32 has. */
const compact = (value: number) => Number(value.toPrecision(7));

serveJob(simulation);
