import { readFile } from "node:fs/promises";
import { TandemError } from "@tandem/core/errors";

/**
 * "bench": `npm run bench -- NAME` measures it again. "once": measured by hand or read in the code,
 * without a command. "assumed": nobody has measured it here.
 */
type Origin = "bench" | "once" | "assumed";
type Constant = readonly [value: number, unit: string, origin: Origin, source: string];

const table = {
  connectionKiB: [16.1, "KiB", "bench", "connections: resident memory of an idle connection"],
  connectMs: [0.46, "ms", "once", "CPU of a new connection, 0.34 to 0.58 in 6,000"],
  messageMs: [0.037, "ms", "once", "CPU of a notice to a client"],
  pingSeconds: [25, "s", "once", "Socket.IO's interval; a ping and a pong are two messages"],
  checkInMs: [0.5, "ms", "assumed", "CPU of a small HTTP request that is told to come later"],
  checkInShare: [0.2, "of a node", "assumed", "what pace steering leaves to check-ins"],
  checkInSeconds: [60, "s", "assumed", "shortest time between two check-ins"],
  fetchMs: [1, "ms", "assumed", "CPU of handing out an instruction"],
  roundMs: [548, "ms", "bench", "protocol: a round of no client, from a line through the sizes"],
  uploadMs: [23, "ms", "bench", "protocol: an upload of no parameter, from the same line"],
  parameterUs: [0.7, "us", "bench", "protocol: a parameter of an upload, from the same line"],
  answerMs: [0.2, "ms", "once", "the reducer's event of an answer among 10,000 clients"],
  addMs: [8, "ms", "bench", "aggregation: FedMMKT's answers of a client added up"],
  concludeMs: [2.4, "ms", "bench", "aggregation: FedMMKT's fusion, for each client"],
  mergeUs: [0.05, "us", "assumed", "a parameter of a node's partial sum, merged"],
  commitsPerSecond: [2206, "1/s", "once", "PostgreSQL 15, 16 writers, no NOTIFY in the commit"],
  storeMBps: [125, "MB/s", "assumed", "object store, a line of 1 Gbit/s"],
  lineMBps: [125, "MB/s", "assumed", "a node's line, 1 Gbit/s, each way"],
  picturesPerSecond: [16.8, "1/s", "bench", "teacher: 32 x 32 pixels on two cores"],
  nodeMiB: [4096, "MiB", "assumed", "a node's memory for connections"],
  restartSeconds: [7.8, "s", "bench", "journey: from a server's start until it is ready"],
  takeOverSeconds: [2.8, "s", "once", "from a node's death until another owns its experiments"],
  reconnectSeconds: [3, "s", "once", "over which clients spread when they reconnect"],
  latencySeconds: [0.1, "s", "assumed", "of the network, to the client or back"],
  clientMBps: [1.25, "MB/s", "assumed", "a client's line, 10 Mbit/s"],
  trainSeconds: [30, "s", "assumed", "median of a client's training"],
  trainSigma: [0.5, "", "assumed", "standard deviation of its logarithm"],
  dropOut: [0.08, "", "assumed", "share of the selected that never answer"],
} as const satisfies Record<string, Constant>;

export type ConstantName = keyof typeof table;
export type Constants = Readonly<Record<ConstantName, number>>;

export const constantNames = Object.keys(table) as readonly ConstantName[];
export const aboutConstant = (name: ConstantName): Constant => table[name];
export const defaultConstants = Object.fromEntries(
  constantNames.map((name) => [name, table[name][0]]),
) as Constants;

const mayBeNothing: readonly ConstantName[] = [
  ...(["latencySeconds", "trainSeconds", "trainSigma", "dropOut"] as const),
];

/** The defaults with what the object names in their place; throws bad-config. */
export function constantsOf(given: unknown): Constants {
  if (typeof given !== "object" || given === null || Array.isArray(given))
    throw bad('constants are an object, such as { "uploadMs": 12 }');
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(table, name))
      throw bad(`there is no constant ${name}: use some of ${constantNames.join(", ")}`);
    const least = mayBeNothing.some((one) => one === name) ? "from 0" : "above 0";
    const fits = Number.isFinite(value) && (value > 0 || (value === 0 && least === "from 0"));
    if (!fits) throw bad(`${name} is ${JSON.stringify(value)}: give a number ${least}`);
    if ((name === "dropOut" || name === "checkInShare") && value > 0.9)
      throw bad(`${name} is ${value}: give a share up to 0.9`);
  }
  return { ...defaultConstants, ...given };
}

export async function readConstants(path: string | undefined): Promise<Constants> {
  if (path === undefined) return defaultConstants;
  const text = await readFile(path, "utf8");
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw bad(`${path} is no JSON`);
  }
  return constantsOf(given);
}

const bad = (text: string) => new TandemError("bad-config", text);
