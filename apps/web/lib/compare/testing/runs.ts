import type { ExperimentConfig } from "@tandem/core/experiment";
import { clientId, experimentId } from "@tandem/core/ids";
import type { Metrics } from "@tandem/core/strategy";
import { experimentConfig } from "@tandem/protocol/experiment-config";
import type { ClientView, ExperimentView, RoundView } from "@tandem/protocol/view";

/** Two clients, 100 bytes up and 200 down, 5 s of waiting for clients and 10 s of work. */
export const round = (number: number, metrics: Metrics): RoundView => ({
  round: number,
  phases: [
    { phase: "recruiting", at: 100_000 * number },
    { phase: "collecting", at: 100_000 * number + 5_000 },
  ],
  endedAt: 100_000 * number + 15_000,
  cohort: 2,
  uploads: 2,
  refused: 0,
  bytesUp: 100,
  bytesDown: 200,
  metrics,
  gallery: false,
});

const client = (slot: number, accuracy: number): ClientView => ({
  id: clientId(`c${slot}`),
  name: `Client ${slot}`,
  slot,
  modality: "image",
  architecture: "mlp",
  source: "",
  device: "",
  samples: 10,
  status: "left",
  accuracy,
  bytesUp: 0,
  bytesDown: 0,
});

/** A finished run that has these accuracies, round by round. */
export function run(
  id: string,
  accuracies: readonly number[],
  {
    strategyConfig = {},
    group = null,
    ...config
  }: Partial<ExperimentConfig> & { readonly group?: string | null } = {},
): ExperimentView {
  return {
    id: experimentId(id),
    config: {
      ...experimentConfig.parse({ name: id, rounds: accuracies.length || 1 }),
      ...config,
      strategyConfig,
    },
    status: "finished",
    round: accuracies.length,
    phase: "evaluating",
    clientsNeeded: 0,
    progress: { fraction: 0, note: "" },
    createdAt: 0,
    measuredOn: "public",
    retention: {},
    ...{ tags: [], note: "", group, archived: false },
    clients: [client(0, 0.25), client(1, 0.75)],
    keptOut: [],
    rounds: accuracies.map((accuracy, i) =>
      round(i + 1, { "accuracy/mean": accuracy, "accuracy/image": accuracy }),
    ),
  };
}
