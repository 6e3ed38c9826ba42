import { expect, test } from "vitest";
import { fleetFaultOf, parseRates } from "./fleet-faults";

test("faults have their shares, and repeat with the seed", () => {
  const rates = parseRates(["crash:0.25", "freeze:0.5"]);
  const all = Array.from({ length: 4000 }, (_, round) =>
    fleetFaultOf(rates, { seed: 1, tab: 0, round }),
  );
  const shareOf = (fault: string) => all.filter((one) => one === fault).length / all.length;
  expect(shareOf("crash")).toBeCloseTo(0.25, 1);
  expect(shareOf("freeze")).toBeCloseTo(0.5, 1);
  expect(shareOf("drop")).toBe(0);
  expect(fleetFaultOf(rates, { seed: 1, tab: 0, round: 9 })).toBe(all[9]);
});

test.each(["crash", "crash:2", "crash:0", "boom:0.1", "crash:x"])(
  "%s is refused by name",
  (text) => {
    expect(() => parseRates([text])).toThrow(`"${text}"`);
  },
);

test("shares that add up to more than all are refused", () => {
  expect(() => parseRates(["crash:0.6", "drop:0.6"])).toThrow(/over 1/);
});
