import { describeSample } from "@tandem/evaluation/statistics";
import { table } from "./table";

/** What stands beside the planted pictures in a set: nothing, or as many painted ones. */
export const plantedAmong = ["nothing", "painted"] as const;
export type PlantedAmong = (typeof plantedAmong)[number];

export type MembershipJob = {
  readonly kind: "membership";
  readonly dataset: string;
  readonly seeds: readonly number[];
  readonly clients: number;
  readonly alpha: number;
  /** Pictures of a set. */
  readonly items: number;
  readonly among: readonly PlantedAmong[];
  /** Of a critic, in turn. */
  readonly batches: readonly number[];
  /** In which the same pictures are planted; what is read is the mean of the answers. */
  readonly rounds: number;
  /** Of the painter. */
  readonly threads: number;
};

export type MembershipReport = {
  readonly job: MembershipJob;
  readonly rows: readonly {
    readonly among: PlantedAmong;
    readonly batches: number;
    /** Of each client with pictures, of all seeds. */
    readonly areas: readonly number[];
  }[];
};

export function membershipTable({ job, rows }: MembershipReport): string {
  const { dataset, items, clients, alpha, seeds, rounds } = job;
  return [
    `AUC of a client's answers for pictures that it holds against pictures of the same classes that others hold: 0.5 tells nothing, 1 all.\n`,
    `${dataset}, ${clients} clients, alpha ${alpha}, seeds ${seeds.join(", ")}, ${items} pictures, answers of ${rounds === 1 ? "one round" : `${rounds} rounds`}.\n\n`,
    table([
      ["batches", "planted among", "AUC", "lowest", "highest", "clients"],
      ...rows.map(({ among, batches, areas }) => {
        const { mean, std, count } = describeSample(areas);
        const shown = (area: number) => area.toFixed(3);
        return [
          String(batches),
          among,
          `${shown(mean)}${std === undefined ? "" : ` ± ${shown(std)}`}`,
          shown(Math.min(...areas)),
          shown(Math.max(...areas)),
          String(count),
        ];
      }),
    ]),
  ].join("");
}
