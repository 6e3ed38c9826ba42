import { expect, it } from "vitest";
import { layersOf, looksOf, smoothed } from "./layers";

const line = (values: readonly (number | null)[], more = {}) => ({
  label: "a",
  colour: "ink",
  values,
  ...more,
});
const plain = { smoothing: 0, spread: false, clients: [] };

it("smoothing starts at the first value, follows slowly, and leaves holes", () => {
  expect(smoothed([1, 1, 1], 0.9)).toEqual([1, 1, 1]);
  expect(smoothed([1, 2, 3], 0)).toEqual([1, 2, 3]);
  const [first, hole, second] = smoothed([1, null, 2], 0.5);
  expect([first, hole]).toEqual([1, null]);
  expect(second).toBeCloseTo((0.25 * 1 + 0.5 * 2) / 0.75); // weights of what was, and is, of their sum
});

it("a smoothed line keeps its raw values behind it, and what it is compared with stays as it is", () => {
  const { layers } = layersOf([line([1, 3]), line([2, 2], { dashed: true })], {
    ...plain,
    smoothing: 0.5,
  });
  expect(layers.map(({ kind }) => kind)).toEqual(["faint", "line", "line"]);
  expect(layers[0].values).toEqual([1, 3]);
  expect(layers[1].values[1]).toBeLessThan(3);
  expect(layers[2].values).toEqual([2, 2]);
});

it("a band lies around the line that is drawn, where its spread was measured", () => {
  const series = [line([0.5, 0.6, null], { spread: [0.1, null, 0.1] })];
  const { layers, bands } = layersOf(series, { ...plain, spread: true });
  expect(bands).toEqual([{ high: 0, low: 1, colour: "ink" }]);
  expect(layers.map(({ values }) => values)).toEqual([
    [0.6, null, null],
    [0.4, null, null],
    [0.5, 0.6, null],
  ]);
  expect(layersOf(series, plain).bands).toEqual([]);
});

it("clients' lines lie behind all others, and move the places of bands", () => {
  const clients = [{ colour: "clients", values: [1] }];
  const { layers, bands } = layersOf([line([1], { spread: [0.5] })], {
    ...plain,
    spread: true,
    clients,
  });
  expect(layers.map(({ kind }) => kind)).toEqual(["client", "edge", "edge", "line"]);
  expect(bands[0]).toMatchObject({ high: 1, low: 2 });
});

it("no two lines look alike but for their colour", () => {
  const looks = looksOf([{}, {}, { dashed: true }, {}, { dashed: true }]);
  expect(new Set(looks.map((look) => JSON.stringify(look))).size).toBe(5);
});
