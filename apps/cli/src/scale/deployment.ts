import type { Constants } from "./constants";
import { type Costs, costsOf, type Resource, type Scenario, writers } from "./costs";
import { Station } from "./station";

/** A node's processor and line, and who has uploaded to it in this round. */
type Node = {
  readonly processor: Station;
  readonly line: Station;
  /** How often it has died: who waited for it then is not answered. */
  life: number;
  answers: number;
};

/** The stations of a scenario; `without`: one of them takes no time. */
export type Deployment = {
  readonly costs: Costs;
  readonly nodes: readonly Node[];
  readonly owner: Station;
  readonly database: Station;
  readonly store: Station;
  readonly teachers: Station;
  readonly fusion: Station;
  /** Seconds of an object in the store or on a line. */
  readonly stored: (bytes: number) => number;
  readonly sent: (bytes: number) => number;
};

export function deploymentOf(scenario: Scenario, c: Constants, without?: Resource): Deployment {
  const { design } = scenario;
  const all = costsOf(scenario, c);
  const isOne = design === "one";
  const costs = withoutCosts(all, without, isOne);
  const background = without === "web nodes" ? 0 : Math.min(costs.background, 0.999);
  const nodes = Array.from({ length: scenario.nodes }, () => ({
    processor: new Station(1, background),
    line: new Station(1),
    life: 0,
    answers: 0,
  }));
  const bytes = (MBps: number, free: boolean) => (n: number) => (free ? 0 : n / (1e6 * MBps));
  return {
    costs,
    nodes,
    // One process does both, and its own database and files are in the costs that were measured.
    owner: isOne ? nodes[0].processor : new Station(1),
    database: new Station(writers),
    store: new Station(1),
    teachers: new Station(scenario.teachers),
    fusion: new Station(1),
    stored: bytes(c.storeMBps, isOne || without === "object store"),
    sent: bytes(c.lineMBps, without === "nodes' lines"),
  };
}

function withoutCosts(costs: Costs, without: Resource | undefined, isOne: boolean): Costs {
  const base = isOne ? { ...costs, commit: 0, answer: 0 } : costs;
  switch (without) {
    case "web nodes":
      return { ...base, notice: 0, upload: 0, connect: 0, ...(isOne && ownerFree) };
    case "owner":
      return { ...base, ...ownerFree };
    case "database":
      return { ...base, commit: 0 };
    case "teachers":
      return { ...base, pictures: 0 };
    case "fusion":
      return { ...base, fuseAnswer: 0, fuseRound: 0 };
    default:
      return base;
  }
}

const ownerFree = { openRound: 0, answer: 0, mergeNode: 0 } as const;

/** 0-1 of each after so many seconds; a client's is not known. */
export function usesOf(
  { nodes, owner, database, store, teachers, fusion }: Deployment,
  elapsed: number,
): Readonly<Record<Exclude<Resource, "clients">, number>> {
  const mean = (of: (node: Node) => Station) =>
    nodes.reduce((sum, node) => sum + of(node).use(elapsed), 0) / nodes.length;
  return {
    "web nodes": mean(({ processor }) => processor),
    owner: owner.use(elapsed),
    database: database.use(elapsed),
    "object store": store.use(elapsed),
    "nodes' lines": mean(({ line }) => line),
    teachers: teachers.use(elapsed),
    fusion: fusion.use(elapsed),
  };
}
