import { type Machine, machineLine } from "../harness/machine";
import { table } from "./table";
import type { Timing } from "./take-turns";

export type EngineJob = {
  readonly kind: "engine";
  readonly seconds: number;
  readonly python?: string | undefined;
};

export type EngineReport = {
  readonly machine: Machine;
  /** What computed the native sgemm. */
  readonly native: string;
  readonly operations: readonly {
    readonly name: string;
    readonly gigaflop: number;
    readonly native: Timing;
    readonly engines: readonly Timing[];
  }[];
};

export function engineTable({ machine, native, operations }: EngineReport): string {
  const names = operations[0].engines.map(({ name }) => name);
  const rows = operations.map(({ name, gigaflop, native: sgemm, engines }) => [
    name,
    rate(gigaflop, sgemm),
    ...engines.map(
      (own) => `${rate(gigaflop, own)} (${(sgemm.medianMs / own.medianMs).toFixed(3)})`,
    ),
  ]);
  return [
    machineLine(machine),
    `GFLOP/s; in brackets the ratio of the native sgemm: ${native}.\n`,
    "Of a convolution, sgemm computes the matrix product with as many multiplications.\n\n",
    table([["", "native sgemm", ...names], ...rows]),
  ].join("");
}

function rate(gigaflop: number, { medianMs }: Timing): string {
  const each = (1000 * gigaflop) / medianMs;
  return each.toFixed(each < 10 ? 2 : 1);
}
