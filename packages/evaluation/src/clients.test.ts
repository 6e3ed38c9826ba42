import { expect, it } from "vitest";
import { type ClientScore, summariseClients } from "./clients";

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
