import { expect, it } from "vitest";
import { type Faults, planFaults, shareFaultNames } from "./faults";

const plan = (faults: Omit<Faults, "seed">, seed = 1) =>
  planFaults({ ...faults, seed }, { clients: 10, rounds: 8 });
const grid = <T>(of: (slot: number, round: number) => T) =>
  Array.from({ length: 7 }, (_, i) => Array.from({ length: 10 }, (__, slot) => of(slot, i + 1)));
const fates = (faults: Omit<Faults, "seed">, seed?: number) => {
  const { fate } = plan(faults, seed);
  return grid((slot, round) => fate(slot, round, 1)).flat();
};

it("as many drop or are late as the shares say, the same for a seed; all answer in the last round", () => {
  const drawn = fates({ drop: 0.5, late: 0.2 });
  const count = (fate: string) => drawn.filter((one) => one === fate).length;
  // 70 draws: 35 with a deviation of 4, and 14 with one of 3.
  expect(Math.abs(count("drop") - 35)).toBeLessThan(13);
  expect(Math.abs(count("late") - 14)).toBeLessThan(10);
  expect(fates({ drop: 0.5, late: 0.2 })).toEqual(drawn);
  expect(fates({ drop: 0.5, late: 0.2 }, 2)).not.toEqual(drawn);
  const { fate } = plan({ drop: 0.9 });
  for (let slot = 0; slot < 10; slot++)
    expect([fate(slot, 8, 1), fate(slot, 1, 4)]).toEqual(["answers", "answers"]);
});

it("who drops at a smaller share drops at a larger one; another attempt is drawn anew", () => {
  const [few, many] = [fates({ drop: 0.2 }), fates({ drop: 0.5 })];
  expect(few).toContain("drop");
  few.forEach((fate, i) => {
    if (fate === "drop") expect(many[i]).toBe("drop");
  });
  const { fate } = plan({ drop: 0.5 });
  const again = grid((slot, round) => fate(slot, round, 2)).flat();
  expect(again).not.toEqual(many);
});

it("every fault is drawn; clocks are wrong by what is said at most, each by its own", () => {
  const shares = { drop: 0.1, late: 0.1, delay: 0.1, freeze: 0.1, corrupt: 0.1, disconnect: 0.1 };
  expect(new Set(fates(shares))).toEqual(new Set([...shareFaultNames, "answers"]));
  const { skew } = plan({ clockSkew: 60 });
  const skews = Array.from({ length: 10 }, (_, slot) => skew(slot));
  expect(new Set(skews).size).toBe(10);
  expect(Math.max(...skews.map(Math.abs))).toBeGreaterThan(30_000);
  expect(Math.max(...skews.map(Math.abs))).toBeLessThanOrEqual(60_000);
  expect(plan({}).skew(3)).toBe(0);
});

it("the last places join and the first ones leave, in the order of the list", () => {
  const { joins, leaves, fewest } = plan({
    join: [
      { clients: 2, round: 3 },
      { clients: 1, round: 5 },
    ],
    leave: [{ clients: 2, round: 4 }],
  });
  const slots = Array.from({ length: 10 }, (_, slot) => slot);
  expect(slots.map(joins)).toEqual([1, 1, 1, 1, 1, 1, 1, 5, 3, 3]);
  expect(slots.map(leaves).filter(Number.isFinite)).toEqual([4, 4]);
  // 7, 7, 9, 7, 8, …
  expect(fewest).toBe(7);
});

it.each<[Omit<Faults, "seed">, RegExp]>([
  [{ drop: 0.95 }, /drop is from 0 to 0\.9, not 0\.95/],
  [{ late: Number.NaN }, /late/],
  [{ drop: 0.5, late: 0.5 }, /all together.*not 1/],
  [{ delay: 0.4, freeze: 0.4, corrupt: 0.2 }, /all together.*not 1/],
  [{ disconnect: -0.1 }, /disconnect is from 0 to 0\.9, not -0\.1/],
  [{ clockSkew: 90_000 }, /0 to 86400 seconds, not 90000/],
  [{ join: [{ clients: 1, round: 1 }] }, /rounds 2 to 8, not 1/],
  [{ leave: [{ clients: 1, round: 9 }] }, /not 9/],
  [{ leave: [{ clients: 0, round: 2 }] }, /1 or more, not 0/],
  [
    { join: [{ clients: 6, round: 2 }], leave: [{ clients: 4, round: 3 }] },
    /6 join and 4 leave.*at least one stays/,
  ],
])("%j is refused", (faults, why) => {
  expect(() => plan(faults)).toThrow(why);
});
