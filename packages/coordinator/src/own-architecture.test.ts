import fc from "fast-check";
import { expect, it } from "vitest";
import { architectureFor, chosenOf, stepBudgetMs } from "./own-architecture";

const steps = { "cnn-small": 1, "cnn-wide": 2, "mlp-image": 0.3 };
const names = ["cnn-small", "cnn-wide", "mlp-image"];

it("is the largest that a device manages, by what was measured, else by how it computes", () => {
  const of = (device: Parameters<typeof architectureFor>[2]) =>
    architectureFor(names, steps, device);
  expect(of({ backend: "wasm", stepMs: 50 })).toBe("cnn-wide");
  expect(of({ backend: "wasm", stepMs: 50.1 })).toBe("cnn-small");
  expect(of({ backend: "webgl", stepMs: 101 })).toBe("mlp-image");
  expect(of({ backend: "cpu", stepMs: 5000 })).toBe("mlp-image"); // none: the smallest
  expect(of({ backend: "webgpu" })).toBe("cnn-wide");
  expect(of({ backend: "wasm" })).toBe("cnn-wide");
  expect(of({ backend: "cpu" })).toBe("mlp-image");
  expect(of({ backend: "wasm", memory: 1 })).toBe("cnn-small");
  expect(of({ backend: "wasm", stepMs: 50, memory: 8 })).toBe("cnn-wide");
  expect(architectureFor(["a", "b"], {}, { backend: "wasm" })).toBe("a"); // of unknown size
});

it("whatever is claimed, it is one of the list, the same each time, and a faster device's is no smaller", () => {
  const step = fc.double({ min: 0.01, max: 1e5, noNaN: true });
  const memory = fc.double({ min: 0.25, max: 64, noNaN: true });
  fc.assert(
    fc.property(step, step, memory, (a, b, memory) => {
      const of = (stepMs: number) =>
        architectureFor(names, steps, { backend: "wasm", stepMs, memory });
      const size = (name: string) => steps[name as keyof typeof steps];
      expect(names).toContain(of(a));
      expect(of(a)).toBe(of(a));
      expect(size(of(Math.min(a, b)))).toBeGreaterThanOrEqual(size(of(Math.max(a, b))));
      const { stepMs, among } = chosenOf(
        { architecture: of(a), modality: "image" },
        { architectures: { image: names, text: [], "image-text": [] }, steps },
        { backend: "wasm", stepMs: a, memory },
      );
      expect(among).toEqual(names);
      if (of(a) !== "mlp-image") expect(stepMs).toBeLessThanOrEqual(stepBudgetMs);
    }),
  );
});
