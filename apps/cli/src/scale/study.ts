import type { Constants } from "./constants";
import { type Costs, costsOf, type Resource, resources, type Scenario } from "./costs";
import { type Outcome, simulate } from "./simulate";

export type Study = {
  readonly scenario: Scenario;
  readonly costs: Costs;
  /** Absent where nodes can't even hold the clients. */
  readonly outcome?: Outcome;
  readonly bottleneck: string;
  /** How many times as many rounds an hour there would be if the slowest part of the server took no time. */
  readonly gain?: number;
  /** The same of clients' training and lines. */
  readonly clientsGain?: number;
};

/** Beyond it a node has no time for uploads. */
const mostBackground = 0.95;
const fewRounds = 4;
/** Below such a gain no part of the server is called a bottleneck if clients take longer. */
const worthIt = 1.05;

/** Runs a scenario, and again without each resource: the one whose time costs most is the bottleneck. */
export function studyOf(scenario: Scenario, c: Constants): Study {
  const costs = costsOf(scenario, c);
  const full = fullOf(costs);
  if (full) return { scenario, costs, bottleneck: full };
  const outcome = simulate(scenario, c);
  const rounds = Math.min(fewRounds, scenario.rounds);
  const base = simulate(scenario, c, undefined, rounds).roundsPerHour;
  const gainOf = (resource: Resource) =>
    simulate(scenario, c, resource, rounds).roundsPerHour / base;
  const gains = resources
    .filter((name) => name !== "clients" && !(scenario.design === "one" && name === "owner"))
    .map((name) => ({ name, gain: gainOf(name) }));
  const [first] = gains.toSorted((a, b) => b.gain - a.gain);
  const clientsGain = gainOf("clients");
  return {
    ...{ scenario, costs, outcome },
    bottleneck: nameOf(scenario, c, first, clientsGain),
    gain: first.gain,
    clientsGain,
  };
}

function nameOf(
  { design, clients, cohort, overSelection }: Scenario,
  { dropOut }: Constants,
  first: { readonly name: Resource; readonly gain: number },
  clientsGain: number,
): string {
  if (Math.min(clients, cohort * overSelection) * (1 - dropOut) < cohort) return "too few clients";
  if (first.gain < worthIt && clientsGain > first.gain) return "clients";
  return design === "one" && first.name === "web nodes" ? "the process" : first.name;
}

function fullOf({ background, memory }: Costs): string | undefined {
  if (memory > 1) return "memory for connections";
  if (background > mostBackground) return "heartbeats of connections";
  return undefined;
}
