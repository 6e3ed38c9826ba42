import { type Machine, machineLine } from "../harness/machine";
import type { OperatorShares } from "./profile";
import { operatorClasses } from "./profile";
import { table } from "./table";
import type { Timing } from "./take-turns";

export type TeacherJob = {
  readonly kind: "teacher";
  readonly model: string;
  readonly seconds: number;
  readonly threads: number;
  readonly images: number;
  readonly batch: number;
  readonly loraBatch: number;
  readonly rank: number;
  readonly python?: string | undefined;
};

export type TeacherReport = {
  readonly machine: Machine;
  readonly job: TeacherJob;
  readonly parameters: number;
  /** What PyTorch is, or why it is not beside ours. */
  readonly torch: string;
  /** Largest difference of one call of the denoiser, over the largest magnitude. */
  readonly disagreement?: number;
  readonly measures: readonly {
    readonly name: string;
    /** Of what is counted, in one timed run. */
    readonly units: number;
    readonly unit: string;
    readonly ours: Timing;
    /** One for each memory layout; empty where there is no PyTorch. */
    readonly torch: readonly Timing[];
    readonly shares: OperatorShares;
  }[];
};

export function teacherTables(report: TeacherReport): string {
  const { machine, job, parameters, torch, disagreement, measures } = report;
  const names = measures[0].torch.map(({ name }) => name);
  const speeds = measures.map(({ name, units, unit, ours, torch: theirs }) => {
    const rate = ({ medianMs }: Timing) => ((1000 * units) / medianMs).toFixed(2);
    const fastest = Math.min(...theirs.map(({ medianMs }) => medianMs));
    const ratio = theirs.length > 0 ? [(fastest / ours.medianMs).toFixed(2)] : [];
    return [name, unit, rate(ours), ...theirs.map(rate), ...ratio];
  });
  const ratio = names.length > 0 ? ["ratio of the faster"] : [];
  const shares = operatorClasses.map((kind) => [
    kind,
    ...measures.map((each) => `${(100 * each.shares[kind]).toFixed(1)} %`),
  ]);
  const agreement =
    disagreement === undefined
      ? ""
      : `One call of the denoiser differs from PyTorch's by ${disagreement.toExponential(1)}.\n`;
  return [
    machineLine(machine),
    `${job.model}: ${(parameters / 1e6).toFixed(2)} M parameters, ${job.threads} threads.\n`,
    `PyTorch: ${torch}.\n${agreement}\n`,
    table([["", "per second", "here", ...names, ...ratio], ...speeds]),
    "\nShare of the time by class of operator (onnxruntime's profiler)\n",
    table([["", ...measures.map(({ name }) => name)], ...shares]),
  ].join("");
}
