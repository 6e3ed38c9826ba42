import type { ClientModality } from "@tandem/core/data";

/** Mean and population standard deviation. */
export function summarise(values: readonly number[]): {
  readonly mean: number;
  readonly std: number;
} {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, std: Math.sqrt(variance) };
}

export type ClientScore = { readonly modality: ClientModality; readonly accuracy: number };
export type ClientSummary = {
  readonly clients: number;
  readonly mean: number;
  readonly std: number;
  /** Mean of the lowest tenth of the clients, at least one of them. */
  readonly worst: number;
};

/** All clients together, and those of each modality that is there. Throws without a client. */
export function summariseClients(scores: readonly ClientScore[]): {
  readonly all: ClientSummary;
  readonly byModality: Readonly<Partial<Record<ClientModality, ClientSummary>>>;
} {
  if (scores.length === 0) throw new Error("no client to summarise");
  const of = (group: readonly ClientScore[]): ClientSummary => {
    const values = group.map(({ accuracy }) => accuracy).sort((a, b) => a - b);
    const lowest = values.slice(0, Math.ceil(values.length / 10));
    return { clients: group.length, ...summarise(values), worst: summarise(lowest).mean };
  };
  const present = [...new Set(scores.map(({ modality }) => modality))].sort();
  return {
    all: of(scores),
    byModality: Object.fromEntries(
      present.map((name) => [name, of(scores.filter(({ modality }) => modality === name))]),
    ),
  };
}
