import { type Machine, machineLine } from "../harness/machine";
import { table } from "./table";
import type { Timing } from "./take-turns";

export type CriticJob = {
  readonly kind: "critic";
  readonly dataset: string;
  readonly seed: number;
  /** Which is timed: the more there were before it, the more sets a client learns. */
  readonly round: number;
  readonly seconds: number;
};

export type CriticReport = {
  readonly machine: Machine;
  readonly backend: string;
  readonly round: number;
  readonly rows: readonly {
    readonly architecture: string;
    readonly samples: number;
    readonly critic: Timing;
    /** The critic's part included. */
    readonly round: Timing;
  }[];
};

export const criticTable = ({ machine, backend, round: number, rows }: CriticReport): string =>
  `${machineLine(machine)}A client's round ${number} of FedMMKT on ${backend}, and the critic's part of it.\n\n${table(
    [
      ["client", "samples", "critic, CPU ms", "round, CPU ms", "critic / round"],
      ...rows.map(({ architecture, samples, critic, round }) => [
        architecture,
        String(samples),
        critic.medianMs.toFixed(0),
        round.medianMs.toFixed(0),
        (critic.medianMs / round.medianMs).toFixed(3),
      ]),
    ],
  )}`;
