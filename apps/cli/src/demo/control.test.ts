import { expect, it } from "vitest";
import { controlAccuracy, readControl } from "./control";
import { sizes } from "./settings";

it("the control was measured with the demo's own sizes and settings: else `npm run demo -- --control`", async () => {
  const accuracy = controlAccuracy(await readControl(), sizes);
  expect(accuracy).toBeGreaterThan(1 / 8);
  expect(accuracy).toBeLessThan(1);
});

it("fewer rounds are compared with as many, other sizes and settings with nothing", async () => {
  const control = await readControl();
  const { rounds, clients } = sizes;
  const of = (changes: object, asked = {}) =>
    controlAccuracy({ ...control, ...changes }, { rounds, clients, ...asked });
  expect(of({}, { rounds: 2 })).toBe(control.accuracies[1]);
  expect(of({}, { rounds: control.accuracies.length + 1 })).toBeUndefined();
  expect(of({}, { clients: clients + 1 })).toBeUndefined();
  expect(of({ config: { ...control.config, seed: 2 } })).toBeUndefined();
});
