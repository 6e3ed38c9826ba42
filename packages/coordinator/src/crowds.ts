import { createHash } from "node:crypto";
import type { Clock } from "@tandem/core/clock";
import { TandemError } from "@tandem/core/errors";
import type { ExperimentId } from "@tandem/core/ids";
import { createLimiters } from "@tandem/core/limiter";
import type { PlaceLimits } from "./ports";
import type { Runtime } from "./runtime";

const newcomers = { perSecond: 1, burst: 100 };

export type Crowds = ReturnType<typeof createCrowds>;

/** Keeps one address from taking what is there for all. */
export function createCrowds(clock: Clock, limits: PlaceLimits | undefined) {
  const mayCome = createLimiters(clock, newcomers);
  return {
    /** Throws `too-many` or `full` unless one more of this address may take a place; so many `wait` for one. */
    check({ clients }: Pick<Runtime, "clients">, places: number, address: string, wait = 0): void {
      if (!limits) return;
      if (!mayCome(address))
        throw new TandemError(
          "too-many",
          "Too many have joined from your network's address in a short time: try again in a few seconds.",
        );
      if (isOwnMachine(address)) return;
      const most = Math.max(1, Math.ceil(limits.shareOfAddress * places));
      const held = [...clients.values()].filter(
        (client) => client.address === address && client.record.leftAt === undefined,
      ).length;
      if (held + wait >= most)
        throw new TandemError(
          "full",
          `${held + wait} of the ${places} places are held or asked for from your network's address, which is as many as one may hold: ask whoever runs the server to start it with a larger --places-per-address.`,
        );
    },
  };
}

const isOwnMachine = (address: string) => /^(::ffff:)?127\.|^::1$|^0:0:0:0::\/64$/.test(address);

/** What is kept of an address whose newcomers are kept out. */
export const hashAddress = (experiment: ExperimentId, address: string): string =>
  createHash("sha256").update(`${experiment} ${address}`).digest("hex");
