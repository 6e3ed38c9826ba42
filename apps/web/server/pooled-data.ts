import { TandemError } from "@tandem/core/errors";
import type { AnyStrategy } from "@tandem/strategies/registry";

/** What clients who keep their samples can run; the rest is for simulations. */
export const runsOnClients = ({ needs }: AnyStrategy): boolean => !needs.pooledData;

/** Throws `not-supported` for a strategy that needs all samples in one place. */
export function refusePooledData(strategy: AnyStrategy): void {
  if (runsOnClients(strategy)) return;
  throw new TandemError(
    "not-supported",
    `${strategy.title} needs the private samples of all clients in one place, and here they never leave their tabs: simulate it, "npm run simulate -- <data set> --strategy ${strategy.name} --out <folder>".`,
  );
}
