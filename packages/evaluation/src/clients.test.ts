import { expect, it } from "vitest";
import {
  type ClientScore,
  lastRounds,
  negativeTransfer,
  sampleWeightedMean,
  summariseClients,
} from "./clients";

const scores: readonly ClientScore[] = [
  { modality: "image", accuracy: 0.5 },
  { modality: "image", accuracy: 0.75 },
  { modality: "text", accuracy: 0.25 },
];

it("summarises clients together and by modality", () => {
  // Mean 1.5 / 3; variance (0 + 0.0625 + 0.0625) / 3.
  expect(summariseClients(scores)).toEqual({
    all: { clients: 3, mean: 0.5, std: expect.closeTo(Math.sqrt(0.125 / 3), 12), worst: 0.25 },
    byModality: {
      image: { clients: 2, mean: 0.625, std: 0.125, worst: 0.5 },
      text: { clients: 1, mean: 0.25, std: 0, worst: 0.25 },
    },
  });
});

it("takes the mean of the lowest two of eleven to twenty clients as the worst tenth", () => {
  const many = Array.from({ length: 11 }, (_, i) => ({
    modality: "image" as const,
    accuracy: (11 - i) / 16,
  }));
  expect(summariseClients(many).all.worst).toBe(1.5 / 16);
});

it("has nothing to say of no client", () => {
  expect(() => summariseClients([])).toThrow(/no client/);
});

it("weighs clients by their samples", () => {
  // (0.5 x 30 + 0.9 x 10) / 40.
  const weighed = [
    { accuracy: 0.5, samples: 30 },
    { accuracy: 0.9, samples: 10 },
  ];
  expect(sampleWeightedMean(weighed)).toBeCloseTo(0.6, 12);
  expect(() => sampleWeightedMean([])).toThrow(/no sample/);
});

it("counts the clients that lose more than two points against training alone", () => {
  const local = new Map([
    ["a", 0.5],
    ["b", 0.5],
    ["c", 0.5],
    ["absent", 1],
  ]);
  const federated = new Map([
    ["a", 0.479],
    ["b", 0.48],
    ["c", 0.7],
  ]);
  expect(negativeTransfer(federated, local)).toEqual({ clients: 3, below: 1 });
  expect(negativeTransfer(federated, local, 0.01)).toEqual({ clients: 3, below: 2 });
});

it("reports the last round, the mean of the last five, and the best", () => {
  // (4 + 1 + 2 + 3 + 5) / 5; the 9 before them is the best alone.
  expect(lastRounds([9, 4, 1, 2, 3, 5])).toEqual({ last: 5, late: 3, best: 9 });
  expect(lastRounds([1, 2])).toEqual({ last: 2, late: 1.5, best: 2 });
  expect(() => lastRounds([])).toThrow(/no round/);
});
