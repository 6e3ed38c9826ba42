import { messageOf } from "@tandem/core/errors";
import type { RunConfig } from "../experiments/plan";
import type { RunRecord } from "../experiments/record";
import { roundLine } from "../progress";
import { durations, runSimulation } from "./run";

export type SimulationJob = {
  readonly name: string;
  readonly seed: number;
  readonly config: RunConfig;
  readonly threads: number;
};
export type Measured = Pick<RunRecord, "attackers" | "clients" | "rounds">;
export type FromSimulation =
  | { readonly type: "progress"; readonly note: string }
  | { readonly type: "done"; readonly result: Measured }
  | { readonly type: "failed"; readonly message: string };

// A process of its own: the parent gives the job, and decides when to end.
const send = (message: FromSimulation) => process.send?.(message);
process.once("disconnect", () => process.exit(0));
process.on("SIGINT", () => {});

async function work({ name, seed, config, threads }: SimulationJob): Promise<Measured> {
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
        send({ type: "progress", note: roundLine(done, config.rounds) });
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
}

/** As many digits as float32 has. */
const compact = (value: number) => Number(value.toPrecision(7));

process.once("message", (job: SimulationJob) => {
  work(job).then(
    (result) => send({ type: "done", result }),
    (error: unknown) => send({ type: "failed", message: messageOf(error) }),
  );
});
