import type { Page } from "@playwright/test";
import { decimal } from "@tandem/core/decimal";
import { TandemError } from "@tandem/core/errors";
import { createRng } from "@tandem/core/rng";
import type { ExperimentView } from "@tandem/protocol/view";
import type { Line } from "../harness/line";
import type { Fleet } from "./tabs";

/** What can befall a tab in a round. */
export const fleetFaults = ["drop", "delay", "freeze", "corrupt", "disconnect", "crash"] as const;
export type FleetFault = (typeof fleetFaults)[number];
export type FleetRates = Readonly<Partial<Record<FleetFault, number>>>;

export type ParsedFaults = {
  readonly rates: FleetRates;
  /** Seconds by which a tab's clock is wrong, either way, at most. */
  readonly clockSkew: number;
};

/**
 * `drop:0.1` and so on, `clock-skew:3600`; throws `bad-config` for what is no kind, no share, more than
 * all of them, or over a day.
 */
export function parseFaults(texts: readonly string[]): ParsedFaults {
  const rates: Partial<Record<FleetFault, number>> = {};
  let clockSkew = 0;
  for (const text of texts) {
    const [name, number = "", ...rest] = text.split(":");
    const fault = fleetFaults.find((known) => known === name);
    const value = rest.length === 0 ? (decimal(number) ?? 0) : 0;
    if ((fault && fault in rates) || (name === "clock-skew" && clockSkew > 0))
      throw new TandemError("bad-config", `faults: ${name} is given twice`);
    if (fault && value > 0 && value <= 1) rates[fault] = value;
    else if (name === "clock-skew" && value > 0 && value <= 86_400) clockSkew = value;
    else
      throw new TandemError(
        "bad-config",
        `faults: "${text}" is none; use KIND:SHARE with ${fleetFaults.join(", ")} and a share up to 1, or clock-skew:SECONDS up to 86400`,
      );
  }
  const sum = Object.values(rates).reduce((a, b) => a + b, 0);
  if (sum > 1) throw new TandemError("bad-config", `faults: the shares add up to ${sum}, over 1`);
  return { rates, clockSkew };
}

/** Of a tab in a round, the same for a seed. */
export function fleetFaultOf(
  rates: FleetRates,
  at: { readonly seed: number; readonly tab: number; readonly round: number },
): FleetFault | undefined {
  let left = createRng(`fleet/${at.seed}/${at.tab}/${at.round}`).uniform();
  for (const fault of fleetFaults) {
    left -= rates[fault] ?? 0;
    if (left < 0) return fault;
  }
  return undefined;
}

/** Puts `Date.now` of a page wrong, and of each of its workers as soon as it runs. */
export async function skewClock(page: Page, milliseconds: number): Promise<void> {
  const skew = (ahead: number) => {
    const now = Date.now;
    Date.now = () => now() + ahead;
  };
  await page.addInitScript(skew, milliseconds);
  page.on("worker", (worker) => {
    worker.evaluate(skew, milliseconds).catch(() => {}); // it has ended meanwhile
  });
}

/** Milliseconds that a tab's clock is ahead, the same for a seed. */
export const clockSkewOf = (
  clockSkew: number,
  { seed, tab }: { readonly seed: number; readonly tab: number },
): number =>
  Math.round((2 * createRng(`fleet/${seed}/clock/${tab}`).uniform() - 1) * clockSkew * 1000);

/** Strikes tabs as each round begins to collect. Tabs are as long as `lines`. */
export function strikeFleet(options: {
  readonly fleet: Fleet;
  readonly lines: readonly Line[];
  readonly rates: FleetRates;
  readonly seed: number;
  readonly say: (text: string) => void;
}): (view: ExperimentView) => Promise<void> {
  const { fleet, lines, rates, seed, say } = options;
  let struck = 0;
  return async ({ round, phase, config }) => {
    if (phase !== "collecting" || round <= struck) return;
    struck = round;
    for (const [tab, line] of lines.entries()) {
      const fault = fleetFaultOf(rates, { seed, tab, round });
      if (!fault) continue;
      say(`round ${round}: ${fleet.tabs[tab].name}: ${fault}`);
      if (fault === "drop") line.freeze(config.deadlineMs * 1.2);
      else if (fault === "freeze") line.freeze(config.deadlineMs / 2);
      else if (fault === "delay") line.freeze(config.deadlineMs / 4);
      else if (fault === "corrupt") line.corrupt();
      else if (fault === "disconnect") line.cut();
      else await fleet.revive(tab);
    }
  };
}
