import { expect, it } from "vitest";
import { benchProtocol, protocolTable } from "./protocol";
import { quantile } from "./quantile";

it("a swarm plays rounds on a real server, and each upload's acknowledgement is timed", async () => {
  const notes: string[] = [];
  const size = { clients: 3, parameters: 1000 };
  const rows = await benchProtocol(
    { sizes: [size], rounds: 3, seconds: 60 },
    { note: (text) => notes.push(text), signal: new AbortController().signal },
  );
  const number = expect.any(Number);
  expect(rows).toEqual([
    { ...size, roundsPerSecond: number, ackMsP50: number, ackMsP99: number, serverRssMiB: number },
  ]);
  const [{ roundsPerSecond, ackMsP50, ackMsP99, serverRssMiB }] = rows;
  expect(Math.min(roundsPerSecond, ackMsP50, serverRssMiB / 50)).toBeGreaterThan(0);
  expect(ackMsP99).toBeGreaterThanOrEqual(ackMsP50);
  expect(notes).toContain("3x1k: 3 of 3 clients have joined");
  expect(protocolTable(rows)).toContain("3x1k");
});

it("a quantile is one of the values", () => {
  expect(quantile([5, 1, 4, 2, 3], 0.5)).toBe(3);
  expect(quantile([2, 1], 0.5)).toBe(1);
  expect(quantile([1, 2, 3], 0.99)).toBe(3);
  expect(quantile([], 0.5)).toBeNaN();
});
