import type { Sample } from "@tandem/evaluation/statistics";
import { table } from "../bench/table";
import { plot } from "../report/plot";
import { aboutConstant, constantNames } from "./constants";
import { designs } from "./costs";
import type { Study } from "./study";

const percent = (share: number) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
const seconds = (time: number) => (Number.isFinite(time) ? `${time.toFixed(1)} s` : "-");

export const studiesTable = (studies: readonly Study[]): string =>
  table([
    [
      "clients, design",
      ...["nodes", "rounds/h", "ack p50", "ack p99", "nodes", "owner", "database"],
      ...["store", "teachers", "fusion", "memory", "bottleneck", "gain", "clients'"],
    ],
    ...studies.map(({ scenario, costs, outcome, bottleneck, gain, clientsGain }) => {
      const { design, clients, nodes } = scenario;
      const uses = outcome?.uses;
      const use = (of: number | undefined) => (of === undefined ? "-" : percent(of));
      return [
        `${clients.toExponential(0).replace("+", "")} ${design}`,
        String(nodes),
        outcome ? outcome.roundsPerHour.toFixed(1) : "none",
        ...(outcome ? [seconds(outcome.ackP50), seconds(outcome.ackP99)] : ["-", "-"]),
        use(uses?.["web nodes"] ?? costs.background),
        use(design === "one" ? undefined : uses?.owner),
        use(design === "one" ? undefined : uses?.database),
        use(design === "one" ? undefined : uses?.["object store"]),
        ...[use(uses?.teachers), use(uses?.fusion), percent(costs.memory), bottleneck],
        ...[gain, clientsGain].map((times) => (times === undefined ? "-" : times.toFixed(2))),
      ];
    }),
  ]);

/** What one reads with the table. */
export function notes(studies: readonly Study[]): string {
  const assumed = constantNames.filter((name) => aboutConstant(name)[2] === "assumed");
  const lines = [
    "Gain: times as many rounds an hour if the slowest part of the server took no time; clients': if clients took none.",
    `${assumed.length} of ${constantNames.length} constants are assumed: ${assumed.join(", ")}.`,
    ...studies.flatMap(({ scenario, costs, outcome }) => {
      const { design, clients, killEvery } = scenario;
      const name = `${clients} clients, ${design}`;
      return [
        ...(design === "check-in"
          ? [`${name}: each checks in every ${costs.interval.toFixed(0)} s.`]
          : []),
        ...(outcome && outcome.late > 0
          ? [`${name}: the deadline ended ${outcome.late} of ${scenario.rounds} rounds.`]
          : []),
        ...(outcome && killEvery > 0
          ? [
              `${name}: after a node's death ${outcome.repeated} uploads in all came again; its clients were connected after ${seconds(outcome.reconnectedAfter)}.`,
            ]
          : []),
      ];
    }),
  ];
  return `\n${lines.join("\n")}\n`;
}

/** Every constant with its unit and where it comes from. */
export const constantsTable = (): string =>
  table([
    ["constant", "value", "unit", "origin", "source"],
    ...constantNames.map((name) => {
      const [value, unit, origin, source] = aboutConstant(name);
      return [name, String(value), unit, origin, source];
    }),
  ]);

/** Use of the web nodes by powers of ten of clients; scenarios of other numbers of clients are left out. */
export function usePlot(studies: readonly Study[]): string {
  const lines = designs.flatMap((design) => {
    const points: (Sample | undefined)[] = [];
    for (const { scenario, costs, outcome } of studies) {
      const power = Math.round(Math.log10(scenario.clients));
      if (scenario.design !== design || 10 ** power !== scenario.clients || power < 1) continue;
      const use = outcome ? outcome.uses["web nodes"] : Math.max(costs.background, costs.memory);
      while (points.length < power) points.push(undefined);
      points[power - 1] = { count: 1, mean: Math.min(1, use), std: undefined, interval: undefined };
    }
    return points.length > 0 ? [{ name: design, points, isBaseline: design === "one" }] : [];
  });
  return plot({
    title: "Use of web nodes",
    axis: "use of the nodes, % (100: more than there is)",
    across: "clients, as a power of ten",
    lines,
  });
}
