import type {
  ApplicantRecord,
  ClientRecord,
  EventRecord,
  ExperimentRecord,
  InvitationRecord,
  MetricRecord,
  RoundRecord,
} from "@tandem/core/experiment";
import type { ClientId, ExperimentId } from "@tandem/core/ids";
import type { Erased, ExperimentStore, History } from "@tandem/core/stores";
import { continued, experimentExists, experimentNotFound, invitationSpent } from "./errors";

type Entry = {
  record: ExperimentRecord;
  readonly events: EventRecord[];
  readonly rounds: Map<number, RoundRecord>;
  readonly clients: Map<ClientId, ClientRecord>;
  readonly metrics: Map<string, MetricRecord>;
  readonly invitations: Map<string, InvitationRecord>;
  readonly applicants: Map<string, ApplicantRecord>;
};

const noHistory: History = { events: [], rounds: [], clients: [], metrics: [] };

function entryOf(record: ExperimentRecord, history: History): Entry {
  const { events, rounds, clients, metrics } = structuredClone(history);
  return {
    record: structuredClone(record),
    events: [...events],
    rounds: new Map(rounds.map((round) => [round.round, round])),
    clients: new Map(clients.map((client) => [client.id, client])),
    metrics: new Map(metrics.map((metric) => [keyOf(metric), metric])),
    invitations: new Map(),
    applicants: new Map(),
  };
}

/** Experiments that last as long as the process. Records are copied on their way in and out. */
export function createMemoryExperiments(): ExperimentStore {
  const entries = new Map<ExperimentId, Entry>();
  const rows = <T>(values: Iterable<T> | undefined, order: (a: T, b: T) => number) =>
    structuredClone([...(values ?? [])]).sort(order);
  return {
    async create(...records) {
      for (const { id } of records) if (entries.has(id)) throw experimentExists(id);
      for (const record of records) entries.set(record.id, entryOf(record, noHistory));
    },
    async adopt(record, history) {
      if (entries.has(record.id)) throw experimentExists(record.id);
      continued(0, history.events);
      entries.set(record.id, entryOf(record, history));
    },
    async list() {
      const records = Array.from(entries.values(), ({ record }) => record);
      return rows(records, (a, b) => compare(a.id, b.id));
    },
    async get(id) {
      const entry = entries.get(id);
      if (!entry) throw experimentNotFound(id);
      return structuredClone(entry.record);
    },
    async remove(id) {
      entries.delete(id);
    },
    async commit(id, change) {
      const entry = entries.get(id);
      if (!entry) throw experimentNotFound(id);
      const copy = structuredClone(change);
      const { events = [], experiment, rounds = [], clients = [], metrics = [] } = copy;
      const { forgotten = [] } = copy;
      const sequence = continued(entry.record.sequence, events);
      if (copy.invitation !== undefined) {
        const found = entry.invitations.get(copy.invitation);
        if (!found || found.used >= found.uses) throw invitationSpent();
        entry.invitations.set(found.id, { ...found, used: found.used + 1 });
      }
      entry.record = { ...entry.record, ...experiment, sequence };
      if (copy.erased) erase(entry, copy.erased);
      entry.events.push(...events);
      for (const round of rounds) entry.rounds.set(round.round, round);
      for (const counts of copy.counts ?? []) {
        const round = entry.rounds.get(counts.round);
        if (round) entry.rounds.set(round.round, { ...round, ...counts });
      }
      for (const client of clients) entry.clients.set(client.id, client);
      for (const client of forgotten) entry.clients.delete(client);
      for (const metric of metrics) entry.metrics.set(keyOf(metric), metric);
    },
    async events(id, afterSequence = 0, upToSequence = Number.POSITIVE_INFINITY) {
      const events = entries.get(id)?.events ?? [];
      const isAsked = ({ sequence }: EventRecord) =>
        sequence > afterSequence && sequence <= upToSequence;
      return structuredClone(events.filter(isAsked));
    },
    async rounds(id) {
      return rows(entries.get(id)?.rounds.values(), (a, b) => a.round - b.round);
    },
    async clients(id) {
      return rows(entries.get(id)?.clients.values(), (a, b) => compare(a.id, b.id));
    },
    async metrics(id) {
      return rows(
        entries.get(id)?.metrics.values(),
        (a, b) => a.round - b.round || compare(a.client ?? "", b.client ?? ""),
      );
    },
    async invite(id, invitation) {
      const entry = entries.get(id);
      if (!entry) throw experimentNotFound(id);
      entry.invitations.set(invitation.id, structuredClone(invitation));
    },
    async invitations(id) {
      return rows(entries.get(id)?.invitations.values(), (a, b) => compare(a.id, b.id));
    },
    async revoke(id, invitation) {
      return entries.get(id)?.invitations.delete(invitation) ?? false;
    },
    async applicants(id) {
      return rows(entries.get(id)?.applicants.values(), (a, b) => compare(a.id, b.id));
    },
    async keepApplicant(id, applicant) {
      const entry = entries.get(id);
      if (!entry) throw experimentNotFound(id);
      entry.applicants.set(applicant.id, structuredClone(applicant));
    },
    async close() {},
  };
}

const keyOf = ({ round, client }: MetricRecord): string => `${round}/${client ?? ""}`;

function erase({ events, metrics, applicants }: Entry, erased: Erased): void {
  for (const [key, { client }] of metrics)
    if (client !== undefined && erased.clients.includes(client)) metrics.delete(key);
  for (const id of erased.applicants) applicants.delete(id);
  const bySequence = new Map(erased.events.map((event) => [event.sequence, event]));
  for (const [i, event] of events.entries()) events[i] = bySequence.get(event.sequence) ?? event;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
