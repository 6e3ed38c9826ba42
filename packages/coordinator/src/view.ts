import type { ClientView, ExperimentView, RoundView } from "@tandem/protocol/view";
import { clientsNeeded } from "./round/round";
import type { LiveClient, Runtime } from "./runtime";
import { metricsOf } from "./summary";

/** Everything the dashboard draws of an experiment. */
export function viewOf(runtime: Runtime): ExperimentView {
  const { record, state, clients, rounds, metrics, progress } = runtime;
  const hasGallery = runtime.server.gallery !== undefined;
  return {
    id: record.id,
    config: record.config,
    status: state.status,
    round: state.round,
    phase: state.phase,
    progress,
    clientsNeeded: clientsNeeded(record.config, state),
    ...(state.error !== null && { error: state.error }),
    createdAt: record.createdAt,
    clients: [...clients.values()]
      .sort((a, b) => a.record.slot - b.record.slot)
      .map(
        ({ record: client, stage, fraction, accuracy, speed, ...live }): ClientView => ({
          id: client.id,
          name: client.name,
          slot: client.slot,
          modality: client.modality,
          architecture: client.architecture,
          source: client.source,
          device: client.device,
          samples: client.samples,
          status: statusOf(runtime, { record: client, ...live }),
          ...(stage !== undefined && { stage }),
          ...(fraction !== undefined && { fraction }),
          ...(accuracy !== undefined && { accuracy }),
          ...(speed !== undefined && { speed }),
          bytesUp: client.bytesUp,
          bytesDown: client.bytesDown,
        }),
      ),
    rounds: [...rounds.values()].map(
      (round): RoundView => ({
        round: round.round,
        phases: round.phases,
        ...(round.endedAt !== undefined && { endedAt: round.endedAt }),
        cohort: round.cohort.length,
        uploads: round.uploads,
        refused: round.refused,
        bytesUp: round.bytesUp,
        bytesDown: round.bytesDown,
        metrics: metricsOf(metrics, round.round),
        gallery: hasGallery && round.stateHash !== undefined,
      }),
    ),
  };
}

function statusOf(
  { state }: Runtime,
  { record, connection, loaded }: Pick<LiveClient, "record" | "connection" | "loaded">,
): ClientView["status"] {
  if (record.leftAt !== undefined) return "left";
  if (!connection) return "away";
  if (!loaded) return "joined";
  if (record.id in state.answers) return "done";
  if (state.phase !== "collecting" || state.failed.includes(record.id)) return "ready";
  return state.cohort.includes(record.id) ? "working" : "resting";
}
