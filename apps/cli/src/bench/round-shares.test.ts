import type { Phase } from "@tandem/core/experiment";
import type { ExperimentView } from "@tandem/protocol/view";
import { expect, it } from "vitest";
import { overheadTable, sharesTable } from "./overhead";
import { sharesOf } from "./round-shares";

const round = (start: number, seconds: readonly (readonly [Phase, number])[]) => {
  let at = start;
  const phases = seconds.map(([phase, lasts]) => {
    const begun = { phase, at };
    at += 1000 * lasts;
    return begun;
  });
  return { phases, endedAt: at };
};

/** Ten seconds of collecting, of which the slower of two clients has computed 8. */
const view = (strategy: string) => {
  const seconds: readonly (readonly [Phase, number])[] = [
    ["recruiting", 100],
    ["generating", 5],
    ["publishing", 1],
    ["collecting", 10],
    ["aggregating", 2],
    ["teaching", 2],
  ];
  const clients = [{ samples: 20, speed: 10 }, { samples: 40, speed: 5 }, { samples: 20 }];
  const rounds = [0, 1e6, 2e6].map((start) => round(start, seconds));
  const { endedAt: _, ...open } = round(3e6, seconds);
  const wanted = { config: { strategy }, clients, rounds: [...rounds, open] };
  return wanted as unknown as ExperimentView; // what is looked at of one
};

it("a round's time is divided among clients, teacher and nobody", () => {
  const shares = sharesOf(view("fedmmkt"));
  expect(shares).toEqual({ rounds: 2, seconds: 20, training: 0.4, teaching: 0.35, neither: 0.25 });
  expect(sharesTable(shares)).toMatch(/2 +20\.00 +40\.0 % +35\.0 % +25\.0 %/);
});

it("without a teacher, phases of one are nobody's", () => {
  expect(sharesOf(view("fedavg"))).toMatchObject({ training: 0.4, teaching: 0, neither: 0.6 });
});

it("a run whose second round has not ended is refused", () => {
  const { rounds, ...rest } = view("fedavg");
  expect(() => sharesOf({ ...rest, rounds: rounds.slice(0, 1) })).toThrow("let it run on");
});

it("the table of costs ends with their exponent", () => {
  const job = { clients: [4, 8], parameters: 1000, compute: 2, rounds: 5 };
  const shares = { rounds: 5, seconds: 2.5, training: 0.8, teaching: 0, neither: 0.2 };
  const rows = [4, 8].map((clients) => ({ ...shares, clients, costMs: 500 }));
  const text = overheadTable({ job, rows, exponent: 0.25 });
  expect(text).toMatch(/4 +5 +2\.50 +20\.0 % +500 +125\.0\n/);
  expect(text).toContain("to the power of 0.25\n");
});
