import type { Constants } from "./constants";

/**
 * "one": one process does everything, as today. "nodes": many, each holding sockets, on PostgreSQL and
 * an object store. "check-in": the same, but clients hold no connection and come when they were told.
 */
export const designs = ["one", "nodes", "check-in"] as const;
export type Design = (typeof designs)[number];
export type Method = "fedavg" | "fedmmkt";

export type Scenario = {
  readonly design: Design;
  /** Online. */
  readonly clients: number;
  /** Answers that a round waits for, and how many times as many are selected. */
  readonly cohort: number;
  readonly overSelection: number;
  readonly nodes: number;
  readonly teachers: number;
  readonly method: Method;
  /** Of FedAvg's model. */
  readonly parameters: number;
  /** Of FedMMKT's set. */
  readonly pictures: number;
  readonly rounds: number;
  /** Seconds that a round waits for its answers. */
  readonly deadline: number;
  /** Rounds from one node's death to the next; 0: none. */
  readonly killEvery: number;
  readonly seed: number;
};

export const resources = [
  ...["web nodes", "owner", "database", "object store"],
  ...["nodes' lines", "teachers", "fusion", "clients"],
] as const;
export type Resource = (typeof resources)[number];

/** Seconds of one server of each, bytes, and how clients come. */
export type Costs = {
  readonly notice: number;
  readonly upload: number;
  readonly upBytes: number;
  readonly downBytes: number;
  readonly openRound: number;
  readonly answer: number;
  readonly mergeNode: number;
  readonly fuseAnswer: number;
  readonly fuseRound: number;
  readonly pictures: number;
  readonly commit: number;
  readonly connect: number;
  /** Of each node's processor, by connections that do nothing or check-ins. */
  readonly background: number;
  /** Between two check-ins of a client. */
  readonly interval: number;
  /** Of a node's memory. */
  readonly memory: number;
};

/** Connections of PostgreSQL that commit side by side, as in the measurement. */
export const writers = 16;
/** FedMMKT's round of a client with the defaults: README.md. */
const [fedmmktUp, fedmmktDown] = [30_000, 165_000] as const;

export function costsOf(scenario: Scenario, c: Constants): Costs {
  const { design, clients, nodes, method, parameters, pictures } = scenario;
  const holds = design !== "check-in";
  const interval = Math.max(
    c.checkInSeconds,
    (clients * c.checkInMs) / 1000 / (nodes * c.checkInShare),
  );
  const pings = (clients * 2 * c.messageMs) / 1000 / c.pingSeconds / nodes;
  const checkIns = (clients * c.checkInMs) / 1000 / interval / nodes;
  const average = method === "fedavg";
  return {
    notice: ((holds ? c.messageMs : 0) + c.fetchMs) / 1000,
    upload: (c.uploadMs + (average ? (c.parameterUs * parameters) / 1000 : c.addMs)) / 1000,
    upBytes: average ? 4 * parameters : fedmmktUp,
    downBytes: average ? 4 * parameters : fedmmktDown,
    openRound: c.roundMs / 1000,
    answer: c.answerMs / 1000,
    mergeNode: average ? (c.mergeUs * parameters) / 1e6 : 0,
    fuseAnswer: average ? 0 : c.concludeMs / 1000,
    fuseRound: average ? (c.mergeUs * parameters) / 1e6 : 0,
    pictures: average ? 0 : pictures / c.picturesPerSecond,
    commit: writers / c.commitsPerSecond,
    connect: holds ? c.connectMs / 1000 : 0,
    background: holds ? pings : checkIns,
    interval,
    memory: holds ? (clients * c.connectionKiB) / 1024 / nodes / c.nodeMiB : 0,
  };
}
