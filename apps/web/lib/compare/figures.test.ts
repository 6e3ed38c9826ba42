import { describe, expect, it } from "vitest";
import { armsOf } from "./arms";
import { figuresOf } from "./figures";
import { run } from "./testing/runs";

const armOf = (...runs: readonly ReturnType<typeof run>[]) => armsOf(runs, false)[0];

describe("figures of an arm", () => {
  it("are of the last round that has measured, over its seeds", () => {
    const last = run("b", [0.5, 0.75], { seed: 2 });
    const unmeasured = { ...last.rounds[1], round: 3, metrics: {} };
    const figures = figuresOf(
      armOf(run("a", [0.5, 0.25], { seed: 1 }), { ...last, rounds: [...last.rounds, unmeasured] }),
      undefined,
    );
    expect(figures.accuracy).toMatchObject({ count: 2, mean: 0.5 });
    expect(figures.byModality).toEqual({ image: expect.objectContaining({ mean: 0.5 }) });
    expect(figures.rounds?.mean).toBe(2.5);
    expect(figures.up?.mean).toBe(50);
    expect(figures.down?.mean).toBe(100);
    expect(figures.bytes?.mean).toBe((600 + 900) / 2);
    expect(figures.ms?.mean).toBe(25_000);
    expect(figures.worst?.mean).toBe(0.25);
    expect(figures.difference).toBeUndefined();
  });

  it("leave out removed and erased clients, and are none before a round has ended", () => {
    const own = run("a", []);
    const [first, second] = own.clients;
    const clients = [{ ...first, status: "removed" as const }, second];
    const { worst, accuracy, up, ms } = figuresOf(armOf({ ...own, clients }), undefined);
    expect(worst?.mean).toBe(0.75);
    expect([accuracy, up, ms]).toEqual([undefined, undefined, undefined]);
    const nobody = figuresOf(armOf({ ...own, clients: [] }), undefined);
    expect(nobody.worst).toBeUndefined();
  });
});

describe("the difference to the pinned arm", () => {
  const base = armOf(run("x", [0.25], { seed: 1 }), run("y", [0.5], { seed: 2 }));
  const alpha = 0.1;

  it("is paired by the seeds that both have", () => {
    const own = armOf(
      run("a", [0.5], { seed: 2, alpha }),
      run("b", [0.5], { seed: 1, alpha }),
      run("c", [0], { seed: 3, alpha }),
    );
    const { difference } = figuresOf(own, base);
    expect(difference).toMatchObject({ pairs: 2, mean: 0.125 });
  });

  it("is of the means where they share no seed", () => {
    const own = armOf(run("a", [0.5], { seed: 9, alpha }));
    expect(figuresOf(own, base).difference).toEqual({
      ...{ pairs: 0, mean: 0.125, interval: undefined },
    });
    const two = armOf(run("a", [0.5], { seed: 8, alpha }), run("b", [0.75], { seed: 9, alpha }));
    // Both have a std of 0.1768 and two seeds: 0.25 with two degrees of freedom, t 4.302653.
    expect(figuresOf(two, base).difference?.interval?.[0]).toBeCloseTo(0.25 - 4.302653 * 0.1768, 3);
    expect(figuresOf(armOf(run("a", [], { alpha })), base).difference).toBeUndefined();
  });

  it("is none to itself", () => {
    expect(figuresOf(base, base).difference).toBeUndefined();
  });
});
