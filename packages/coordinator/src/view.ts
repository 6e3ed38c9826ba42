import type { ClientView, ExperimentView, RoundView } from "@tandem/protocol/view";
import { isErased } from "./erased-record";
import type { LiveClient } from "./live-client";
import { retentionOf } from "./retention";
import { clientsNeeded } from "./round/round";
import { type Runtime, roundsOf } from "./runtime";
import { metricsOf } from "./summary";

/** Everything the dashboard draws of an experiment. */
export function viewOf(runtime: Runtime): ExperimentView {
  const { record, state, clients, rounds, metrics, progress } = runtime;
  const hasGallery = runtime.server.gallery !== undefined;
  return {
    id: record.id,
    config: { ...record.config, rounds: roundsOf(runtime) },
    status: state.status,
    round: state.round,
    phase: state.phase,
    progress,
    clientsNeeded: clientsNeeded(record.config, state),
    ...(state.error !== null && { error: state.error }),
    createdAt: record.createdAt,
    tags: record.tags,
    note: record.note,
    group: record.group,
    archived: record.archived,
    ...(state.importedAt !== null && { importedAt: state.importedAt }),
    ...measuredOn(runtime),
    retention: retentionOf(runtime),
    clients: [...clients.values()]
      .sort((a, b) => a.record.slot - b.record.slot)
      .map((client): ClientView => clientView(runtime, client)),
    keptOut: state.keptOut.map(({ id, client, at }) => ({ id, at, ...calledOf(runtime, client) })),
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
        ...(hasGallery && round.stateHash && { pictures: picturesName(round.stateHash) }),
      }),
    ),
  };
}

/** Long enough to tell states apart, in a view that has many. */
export const picturesName = (stateHash: string): string => stateHash.slice(0, 16);

/** As long as it is kept; another may have its id since. */
function calledOf({ clients, state }: Runtime, removed: string): { readonly name?: string } {
  const record = clients.get(removed)?.record;
  return record && state.barred.includes(record.tokenHash) ? { name: record.name } : {};
}

/** As the clients' records have it: the terms of an experiment are the same for all. */
export function measuredOn({ clients }: Runtime): Pick<ExperimentView, "measuredOn"> {
  const [first] = clients.values();
  if (!first) return {};
  return { measuredOn: first.record.heldOut === undefined ? "public" : "held-out" };
}

function clientView(runtime: Runtime, client: LiveClient): ClientView {
  const { record, report, accuracy, speed } = client;
  return {
    id: record.id,
    name: record.name,
    slot: record.slot,
    modality: record.modality,
    architecture: record.architecture,
    source: record.source,
    device: record.device,
    samples: record.samples,
    ...(record.heldOut !== undefined && { heldOut: record.heldOut }),
    status: statusOf(runtime, client),
    ...report,
    ...(accuracy !== undefined && { accuracy }),
    ...(speed !== undefined && { speed }),
    bytesUp: record.bytesUp,
    bytesDown: record.bytesDown,
  };
}

function statusOf({ state }: Runtime, { record, presence }: LiveClient): ClientView["status"] {
  if (isErased(record)) return "erased";
  if (state.barred.includes(record.tokenHash)) return "removed";
  if (record.leftAt !== undefined) return "left";
  if (presence.state === "away") return "away";
  if (!presence.loaded) return "joined";
  if (state.answers.has(record.id)) return "done";
  if (state.phase !== "collecting" || state.failed.has(record.id)) return "ready";
  return state.cohort.has(record.id) ? "working" : "resting";
}
