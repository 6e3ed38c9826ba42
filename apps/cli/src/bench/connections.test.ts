import { expect, it } from "vitest";
import { connectionsTable } from "./connections";
import { exponentOf, slopeOf } from "./line-fit";

it("bytes of each connection are the slope of a line, whatever the server has beside", () => {
  const line = [0, 1000, 2000, 3000].map((x) => [x, 5e8 + 18_000 * x] as const);
  expect(slopeOf(line)).toBeCloseTo(18_000, 3);
  const noisy = line.map(([x, y], i) => [x, y + (i % 2 ? 1e6 : -1e6)] as const);
  expect(slopeOf(noisy)).toBeCloseTo(18_400, 3);
});

it("an exponent is that of a power, whatever it is multiplied with", () => {
  expect(exponentOf([4, 8, 32].map((x) => [x, 7 * x ** 1.5]))).toBeCloseTo(1.5, 6);
});

it("the table has acknowledgements with and without connections, and the memory of one", () => {
  const report = {
    ...{ connections: 2000, minutes: 1, lost: 3 },
    ackMs: { without: { p50: 10, p99: 20 }, with: { p50: 11, p99: 31.5 } },
    bytesEach: { resident: 18_432, heap: 11_264 },
  };
  const text = connectionsTable(report);
  expect(text).toMatch(/2000 idle connections +11\.0 +31\.5\n/);
  expect(text).toContain("18.0 KiB resident, 11.0 KiB heap; 3 lost in 1 min");
});
