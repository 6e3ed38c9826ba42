import fc from "fast-check";
import { expect, it } from "vitest";
import type { LabelledSet } from "./data";
import { heldOutCount, heldOutSplit, type Sides } from "./held-out";
import { withoutMasked } from "./presence";
import { u8 } from "./tensor";

/** Of class 0 twenty samples, of 1 seven, of 2 two, of 3 one. */
const labels = Int32Array.from(
  [0, 1, 2, 3].flatMap((label) => Array([20, 7, 2, 1][label]).fill(label)),
);
const set: LabelledSet = {
  size: labels.length,
  labels,
  images: u8(
    [30, 1, 1, 3],
    Uint8Array.from({ length: 90 }, (_, i) => 1 + Math.floor(i / 3)),
  ),
  captions: Array.from(labels.keys(), (row) => `caption ${row + 1}`),
};
const rowsOf = ({ images }: LabelledSet) =>
  Array.from(images?.data ?? []).filter((_, i) => i % 3 === 0);
/** In another order than the rows. */
const keys = Array.from(labels.keys(), (row) => `${(row * 7) % 30}`.padStart(2, "0"));

it("holds out a fifth of each class, one at least where there are two, and loses no sample", () => {
  const { train, heldOut, aside } = heldOutSplit(set, keys);
  const counts = [0, 1, 2, 3].map((label) => heldOut.labels.filter((own) => own === label).length);
  expect(counts).toEqual([4, 1, 1, 0]);
  expect([train.size, heldOut.size, aside]).toEqual([24, 6, 0]);
  expect([...rowsOf(train), ...rowsOf(heldOut)].sort((a, b) => a - b)).toEqual(rowsOf(set));
  for (const { images, captions, labels: own } of [train, heldOut])
    rowsOf({ images } as LabelledSet).forEach((row, i) => {
      expect(captions?.[i]).toBe(`caption ${row}`);
      expect(own[i]).toBe(labels[row - 1]);
    });
});

it("trains on samples that lack a half, measures on whole ones, and sets aside what was held out", () => {
  const text = Uint8Array.from(labels, (label, row) => Number(label !== 0 || row < 3));
  const holed = withoutMasked(set, { text });
  const { train, heldOut, aside } = heldOutSplit(holed, keys);
  expect(heldOut.labels.filter((label) => label === 0)).toHaveLength(3);
  expect(heldOut.present).toBeUndefined();
  expect(train.present?.text?.filter((has) => has === 0)).toHaveLength(17);
  expect(aside).toBe(0);
  const { sides } = heldOutSplit(set, keys);
  const later = heldOutSplit(holed, keys, sides);
  const lost = Array.from(labels.keys()).filter((row) => text[row] === 0 && sides.get(keys[row]));
  expect(later.aside).toBe(lost.length);
  expect(lost.length).toBeGreaterThan(0);
  for (const row of lost)
    expect([...rowsOf(later.train), ...rowsOf(later.heldOut)]).not.toContain(row + 1);
});

it("what is there twice is on one side, and one kind of a class is never all that it has", () => {
  const many = (counts: readonly number[]) => {
    const names = counts.flatMap((count, kind) => Array<string>(count).fill(`kind ${kind}`));
    const texts = { size: names.length, labels: new Int32Array(names.length), captions: names };
    const { train, heldOut } = heldOutSplit(texts, names);
    expect(train.captions?.filter((one) => heldOut.captions?.includes(one))).toEqual([]);
    return heldOut.size;
  };
  expect(many([10])).toBe(0);
  expect(many([8, 6])).toBe(6);
  expect(many([5, 1, 1, 1, 1, 1])).toBe(2);
  expect(many([12, 2, 2, 9])).toBe(4);
});

type Sample = { readonly id: number; readonly label: number };
type Step = { readonly add: readonly Sample[]; readonly drop: number; readonly turn: number };
const step: fc.Arbitrary<Step> = fc.record({
  add: fc.array(fc.record({ id: fc.nat(60), label: fc.nat(2) }), { maxLength: 25 }),
  drop: fc.nat(4),
  turn: fc.nat(6),
});

it("however samples are added, taken out and relabelled, none ever changes sides", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 2, maxLength: 8 }), fc.boolean(), (steps, twice) => {
      let samples: readonly Sample[] = [];
      let known: Sides = new Map();
      const seen = new Map<string, boolean>();
      for (const { add, drop, turn } of steps) {
        const there = new Set(samples.map(({ id }) => id));
        samples = [...samples, ...add.filter(({ id }) => twice || !there.has(id))]
          .filter((_, i) => drop === 0 || (i * 7) % (drop + 1) !== 0)
          .map(({ id, label }, i) => ({
            id,
            label: turn && i % turn === 1 ? (label + 1) % 3 : label,
          }));
        if (!twice)
          samples = samples.filter(({ id }, i) => samples.findIndex((s) => s.id === id) === i);
        const names = samples.map(({ id }) => `${(id * 37) % 61}`);
        const texts: LabelledSet = {
          size: samples.length,
          labels: Int32Array.from(samples, ({ label }) => label),
          captions: names,
        };
        const before = known;
        const { train, heldOut, aside, sides } = heldOutSplit(texts, names, known);
        for (const [part, isHeldOut] of [
          [train, false],
          [heldOut, true],
        ] as const)
          for (const name of part.captions ?? []) {
            expect(seen.get(name) ?? isHeldOut).toBe(isHeldOut);
            seen.set(name, isHeldOut);
          }
        expect([aside, train.size + heldOut.size]).toEqual([0, samples.length]);
        expect(sides).toEqual(seen);
        known = sides;
        if (twice) continue;
        for (const label of [0, 1, 2]) {
          const own = names.filter((_, row) => samples[row].label === label);
          const [held, open] = [
            own.filter((name) => before.get(name) === true),
            own.filter((name) => !before.has(name)),
          ].map(({ length }) => length);
          const now = own.filter((name) => sides.get(name) === true).length;
          const wanted = heldOutCount(own.length);
          expect(now).toBe(Math.min(Math.max(wanted, held), held + open));
        }
      }
    }),
    { numRuns: 300 },
  );
});

it("the sides follow what samples are, not their order", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(40), { minLength: 1, maxLength: 40 }),
      fc.nat(1000),
      (ids, seed) => {
        const sidesOf = (some: readonly number[]) => {
          const names = some.map((id) => `n${id}`);
          const labels = Int32Array.from(some, (id) => id % 3);
          return heldOutSplit({ size: some.length, labels, captions: names }, names).sides;
        };
        const other = ids.toSorted((a, b) => ((a * seed) % 41) - ((b * seed) % 41));
        expect(new Map([...sidesOf(other)].sort())).toEqual(new Map([...sidesOf(ids)].sort()));
      },
    ),
  );
});
