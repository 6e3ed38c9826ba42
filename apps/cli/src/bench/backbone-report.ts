import type { Vendor } from "@tandem/datasets/emoji/concepts";
import { describeSample } from "@tandem/evaluation/statistics";
import { type Machine, machineLine } from "../harness/machine";
import { table } from "./table";

export type BackboneJob = {
  readonly kind: "backbone";
  /** Who has drawn what is learnt, and who what else is asked. */
  readonly vendor: Vendor;
  readonly other: Vendor;
  /** How many pictures are learnt, in turn. */
  readonly samples: readonly number[];
  readonly seeds: readonly number[];
  readonly epochs: number;
};

export type BackboneReport = {
  readonly job: BackboneJob;
  readonly machine: Machine;
  readonly backend: string;
  /** Unseen concepts that are asked of either vendor. */
  readonly asked: number;
  /** Processor time for the features of a picture. */
  readonly milliseconds: number;
  readonly rows: readonly {
    readonly architecture: string;
    readonly samples: number;
    /** A seed each. */
    readonly runs: readonly {
      readonly own: number;
      readonly other: number;
      /** Of the processor, for training. */
      readonly seconds: number;
    }[];
  }[];
};

export function backboneTable(report: BackboneReport): string {
  const { job, machine, backend, asked, milliseconds, rows } = report;
  const { vendor, other, seeds, epochs } = job;
  const shown = (values: readonly number[], digits: number, scale = 1) => {
    const { mean, std } = describeSample(values.map((value) => scale * value));
    return `${mean.toFixed(digits)}${std === undefined ? "" : ` ± ${std.toFixed(digits)}`}`;
  };
  return `${machineLine(machine)}MobileNetV2's features on ${backend}: ${milliseconds.toFixed(0)} ms of the processor a picture. ${epochs} epochs, seeds ${seeds.join(", ")}; accuracy in % on ${asked} concepts that were not learnt.\n\n${table(
    [
      ["learns with", "pictures", vendor, other, "training, CPU s"],
      ...rows.map(({ architecture, samples, runs }) => [
        architecture,
        String(samples),
        shown(
          runs.map(({ own }) => own),
          1,
          100,
        ),
        shown(
          runs.map(({ other }) => other),
          1,
          100,
        ),
        shown(
          runs.map(({ seconds }) => seconds),
          1,
        ),
      ]),
    ],
  )}`;
}
