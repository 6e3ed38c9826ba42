import { createRng } from "@tandem/core/rng";
import { expect, it } from "vitest";
import { Agenda } from "./agenda";
import { Station } from "./station";

/** Poisson arrivals of a rate at a station of constant service, and how long they took. */
function arrive(station: Station, options: { rate: number; service: number; jobs: number }) {
  const { rate, service, jobs } = options;
  const rng = createRng("arrivals");
  let now = 0;
  let end = 0;
  for (let i = 0; i < jobs; i++) {
    now -= Math.log(1 - rng.uniform()) / rate;
    end = Math.max(end, station.serve(now, service));
  }
  return { elapsed: end, wait: station.waited / jobs };
}

it.each([0.3, 0.6, 0.8])("at a load of %d the mean wait is that of M/D/1", (load) => {
  const station = new Station(1);
  const { wait, elapsed } = arrive(station, { rate: load, service: 1, jobs: 400_000 });
  const expected = load / (2 * (1 - load));
  expect(Math.abs(wait / expected - 1)).toBeLessThan(0.03);
  expect(Math.abs(station.use(elapsed) / load - 1)).toBeLessThan(0.01);
});

it("with c servers as with one that is c times as fast when there is always work, and less else", () => {
  const busy = new Station(4);
  for (let i = 0; i < 40; i++) busy.serve(0, 1);
  expect(busy.serve(0, 1)).toBe(11);
  const four = arrive(new Station(4), { rate: 3.2, service: 1, jobs: 100_000 });
  const one = arrive(new Station(1), { rate: 3.2, service: 0.25, jobs: 100_000 });
  expect(four.wait).toBeLessThan(one.wait);
});

it("what runs in the background slows work down and counts as use", () => {
  const station = new Station(1, 0.75);
  expect(station.serve(2, 1)).toBe(6);
  expect(station.serve(3, 1)).toBe(10);
  expect(station.use(10)).toBeCloseTo(0.75 + 0.2);
});

it("a station that was stopped begins again then, without what waited", () => {
  const station = new Station(2);
  for (let i = 0; i < 10; i++) station.serve(0, 5);
  station.stopUntil(7);
  expect(station.serve(1, 1)).toBe(8);
});

it("events happen in order of time, and of arrival among equals", () => {
  const agenda = new Agenda();
  const rng = createRng("agenda");
  const times = Array.from({ length: 500 }, () => rng.integer(50));
  const seen: [number, number][] = [];
  for (const [i, time] of times.entries()) agenda.at(time, () => seen.push([agenda.now, i]));
  while (agenda.next());
  const sorted = times.map((time, i): [number, number] => [time, i]).sort((a, b) => a[0] - b[0]);
  expect(seen).toEqual(sorted);
});
