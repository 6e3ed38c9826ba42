import { expect, test } from "vitest";
import { clockSkewOf, fleetFaultOf, parseFaults } from "./faults";

test("faults have their shares, and repeat with the seed", () => {
  const { rates, clockSkew } = parseFaults(["crash:0.25", "freeze:0.5"]);
  expect(clockSkew).toBe(0);
  const all = Array.from({ length: 4000 }, (_, round) =>
    fleetFaultOf(rates, { seed: 1, tab: 0, round }),
  );
  const shareOf = (fault: string) => all.filter((one) => one === fault).length / all.length;
  expect(shareOf("crash")).toBeCloseTo(0.25, 1);
  expect(shareOf("freeze")).toBeCloseTo(0.5, 1);
  expect(shareOf("drop")).toBe(0);
  expect(fleetFaultOf(rates, { seed: 1, tab: 0, round: 9 })).toBe(all[9]);
});

test.each(["crash", "crash:2", "crash:0", "boom:0.1", "crash:x", "clock-skew:90000"])(
  "%s is refused by name",
  (text) => {
    expect(() => parseFaults([text])).toThrow(`"${text}"`);
  },
);

test("shares that add up to more than all are refused", () => {
  expect(() => parseFaults(["crash:0.6", "drop:0.6"])).toThrow(/over 1/);
});

test("clocks are wrong by what is said at most, each by its own", () => {
  const { clockSkew, rates } = parseFaults(["clock-skew:60"]);
  expect(rates).toEqual({});
  const skews = [0, 1, 2, 3].map((tab) => clockSkewOf(clockSkew, { seed: 1, tab }));
  expect(new Set(skews).size).toBe(4);
  expect(Math.max(...skews.map(Math.abs))).toBeLessThanOrEqual(60_000);
});
