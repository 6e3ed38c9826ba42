import { type Machine, machineLine } from "../harness/machine";
import { table } from "./table";

export type AggregationJob = {
  readonly kind: "aggregation";
  readonly clients: readonly number[];
  readonly items: number;
  readonly classes: number;
  readonly width: number;
};

/** Of a FedMMKT round that so many clients have answered. */
export type AggregationRow = {
  readonly clients: number;
  /** Answers, one for each modality of a client. */
  readonly answers: number;
  /** Of the processor: all answers added up, and the round concluded from the sum. */
  readonly addMs: number;
  readonly concludeMs: number;
  /** What the accumulator holds when all are in it. */
  readonly accumulatorMiB: number;
  readonly peakRssMiB: number;
};

export type AggregationReport = {
  readonly machine: Machine;
  readonly job: AggregationJob;
  readonly rows: readonly AggregationRow[];
  /** Of all time in the number of clients, by least squares of logarithms; undefined of one row. */
  readonly exponent: number | undefined;
};

export const aggregationTable = ({ machine, job, rows, exponent }: AggregationReport): string =>
  `${machineLine(machine)}FedMMKT's sums and fusion: ${job.items} items, ${job.classes} classes, ${job.width} numbers a description; a third of the clients hold pairs.\n\n${table(
    [
      [
        "clients",
        "answers",
        "add, CPU s",
        "conclude, CPU s",
        "all, s",
        "accumulator, MiB",
        "peak RSS, MiB",
      ],
      ...rows.map(({ clients, answers, addMs, concludeMs, accumulatorMiB, peakRssMiB }) => [
        String(clients),
        String(answers),
        (addMs / 1000).toFixed(2),
        (concludeMs / 1000).toFixed(2),
        ((addMs + concludeMs) / 1000).toFixed(2),
        accumulatorMiB.toFixed(1),
        peakRssMiB.toFixed(0),
      ]),
    ],
  )}${exponent === undefined ? "" : `\ntime ∝ clients^${exponent.toFixed(2)}\n`}`;
