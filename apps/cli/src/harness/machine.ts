import { cpus } from "node:os";

export type Machine = {
  readonly processor: string;
  readonly cores: number;
  readonly node: string;
  readonly at: string;
};

export function thisMachine(): Machine {
  const cores = cpus();
  return {
    processor: cores[0]?.model ?? "unknown",
    cores: cores.length,
    node: process.version,
    at: new Date().toISOString(),
  };
}

export const machineLine = ({ processor, cores, node, at }: Machine): string =>
  `${processor}, ${cores} cores, Node ${node}, ${at}\n`;
