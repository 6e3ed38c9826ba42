import { strategyNamed } from "@tandem/strategies/registry";
import { expect, test } from "vitest";
import { refusePooledData, runsOnClients } from "./pooled-data";

test("what needs everybody's samples is refused, with the way to run it", () => {
  const centralised = strategyNamed("centralised");
  expect(runsOnClients(centralised)).toBe(false);
  expect(() => refusePooledData(centralised)).toThrow(
    expect.objectContaining({
      code: "not-supported",
      message: expect.stringContaining("--strategy centralised"),
    }),
  );
});

test("what clients can run is not", () => {
  for (const name of ["fedmmkt", "local", "feddf"]) {
    expect(runsOnClients(strategyNamed(name))).toBe(true);
    expect(() => refusePooledData(strategyNamed(name))).not.toThrow();
  }
});
