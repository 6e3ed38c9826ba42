import { createRng } from "@tandem/core/rng";
import { expect, it } from "vitest";
import { argMax, matrix, type Rows } from "../aggregation/rows";
import { annotated, withPrompts } from "./evidence";

it("one picture: the posterior and the trust in its prompt agree with each other", () => {
  const { rows, trust } = withPrompts([Float64Array.of(0.2, 0.8)], [0]);
  // Each follows from the other.
  const [t] = trust;
  expect(t).toBeCloseTo((1 + rows[0][0]) / 3, 4);
  expect(rows[0][0]).toBeCloseTo((0.2 * t) / (0.2 * t + 0.8 * (1 - t)), 3);
  expect(trust[1]).toBe(0.5); // no picture of it: as at the start
});

it("clients that know nothing leave the prompt as likely as at the start", () => {
  const { rows, trust } = withPrompts(
    Array(4).fill(Float64Array.of(0.25, 0.25, 0.25, 0.25)),
    [0, 0, 1, 1],
  );
  expect(trust[0]).toBeCloseTo(0.5);
  expect([...rows[0]]).toEqual([0.5, 1 / 6, 1 / 6, 1 / 6].map((p) => expect.closeTo(p, 6)));
});

it("finds how often prompts are obeyed, and is right more often than prompt and clients alone", () => {
  const rng = createRng("evidence");
  const [classes, count] = [5, 2000];
  const other = (c: number) => (c + 1 + rng.integer(classes - 1)) % classes;
  const truth = Array.from({ length: count }, () => rng.integer(classes));
  const labels = truth.map((c) => (rng.uniform() < 0.7 ? c : other(c)));
  // Clients that are right in 6 of 10 pictures, and say 0.6.
  const seen = truth.map((c) => (rng.uniform() < 0.6 ? c : other(c)));
  const pooled = seen.map((c) =>
    Float64Array.from({ length: classes }, (_, k) => (k === c ? 0.6 : 0.1)),
  );
  const { rows, trust } = withPrompts(pooled, labels);
  for (const t of trust) expect(Math.abs(t - 0.7)).toBeLessThan(0.1);
  const share = (said: readonly number[]) => said.filter((c, i) => c === truth[i]).length / count;
  expect(share(rows.map(argMax))).toBeGreaterThanOrEqual(share(labels));
  expect(share(rows.map(argMax))).toBeGreaterThan(share(seen) + 0.05);
});

it("a class that the clients rule out stays ruled out, and rows stay distributions", () => {
  const { rows } = withPrompts([Float64Array.of(0, 1), Float64Array.of(0, 0.5)], [0, 0]);
  expect(rows.map((row) => [...row])).toEqual([
    [0, 1],
    [0, 1],
  ]);
});

const [classes, count] = [6, 600];

/** Pictures of which a prompt names the right class or the next, and clients that know some classes. */
function world(knownBy: readonly (readonly number[])[], skill: number) {
  const rng = createRng("annotators");
  const truth = Array.from({ length: count }, () => rng.integer(classes));
  const labels = truth.map((c) => (rng.uniform() < 0.65 ? c : (c + 1) % classes));
  const answers = knownBy.map(
    (known): Rows =>
      truth.map((c) => {
        const sees = known.includes(c) && rng.uniform() < skill;
        const said = sees ? c : known[rng.integer(known.length)];
        return Float64Array.from({ length: classes }, (_, j) => (j === said ? 0.9 : 0.02));
      }),
  );
  const right = (said: readonly number[]) => said.filter((c, i) => c === truth[i]).length / count;
  return { labels, answers, right };
}
const apart = [
  [0, 1],
  [2, 3],
  [4, 5],
  [1, 2],
  [3, 4],
  [5, 0],
];

it("clients that know two classes each and the prompts are together right where neither is", () => {
  const { labels, answers, right } = world(apart, 0.9);
  const { rows } = annotated(
    answers.map((own) => ({ votes: matrix(own), weight: 1 })),
    labels,
    classes,
  );
  const pooled = labels.map((_, i) =>
    Float64Array.from(
      { length: classes },
      (_, c) => answers.reduce((sum, own) => sum + own[i][c], 0) / 6,
    ),
  );
  const own = right(rows.map(argMax));
  expect(own).toBeGreaterThan(right(labels) + 0.15);
  expect(own).toBeGreaterThan(right(pooled.map(argMax)) + 0.15);
  expect(own).toBeGreaterThan(right(withPrompts(pooled, labels).rows.map(argMax)) + 0.05);
});

it("clients that see nothing leave what the prompts say, and so do answers without weight", () => {
  const { labels, answers } = world([[0], [3], [5]], 0);
  for (const weight of [1, 0]) {
    const { rows } = annotated(
      answers.map((own) => ({ votes: matrix(own), weight })),
      labels,
      classes,
    );
    expect(rows.map(argMax)).toEqual(labels);
  }
});

it("one picture: posterior and habits follow from each other", () => {
  const { rows, trust } = annotated([{ votes: matrix([[0.25, 0.75]]), weight: 0.5 }], [0], 2);
  const [[p, q]] = rows;
  // Counts of four pictures before, 0.6 of them right: 2.4 and 1.6 of each class.
  const named = [(2.4 + p) / (4 + p), 1.6 / (4 + p), (1.6 + q) / (4 + q), 2.4 / (4 + q)];
  const said = [
    (2.4 + 0.25 * p) / (4 + p),
    (1.6 + 0.75 * p) / (4 + p),
    (1.6 + 0.25 * q) / (4 + q),
    (2.4 + 0.75 * q) / (4 + q),
  ];
  const of = (c: number) =>
    named[2 * c] *
    Math.exp(0.5 * (0.25 * Math.log(said[2 * c]) + 0.75 * Math.log(said[2 * c + 1])));
  expect(p).toBeCloseTo(of(0) / (of(0) + of(1)), 4);
  expect(p + q).toBeCloseTo(1, 9);
  expect(trust[0]).toBeCloseTo(named[0], 4);
});
