import { clientId } from "@tandem/core/ids";
import { ada } from "@tandem/storage/testing/records";
import { expect, it } from "vitest";
import { type LiveClient, liveClient } from "./live-client";
import { MetricTable } from "./metric-table";
import { rosterOf } from "./roster";

const client = (id: string, tokenHash: string): LiveClient =>
  liveClient({ ...ada, id: clientId(id), tokenHash }, 0, undefined);

it("a token is its client's as long as its record says so, whoever has it meanwhile", () => {
  const [a, b] = [client("a", "one"), client("b", "two")];
  const roster = rosterOf([a, b]);
  expect([roster.ofToken("one"), roster.ofToken("two"), roster.ofToken("")]).toEqual([
    a,
    b,
    undefined,
  ]);
  const c = client("c", "one");
  roster.set("c", c);
  a.record = { ...a.record, tokenHash: "" };
  expect([roster.ofToken("one"), roster.ofToken("")]).toEqual([c, undefined]);
  a.record = { ...a.record, tokenHash: "one" };
  roster.delete("c");
  expect(roster.ofToken("one")).toBe(a);
  roster.delete("a");
  expect(roster.ofToken("one")).toBeUndefined();
});

it("whose record is another is noted, and who is gone is not", () => {
  const [a, b] = [client("a", "one"), client("b", "two")];
  const roster = rosterOf([a, b]);
  roster.touched.clear();
  b.record = { ...b.record, bytesUp: 5 };
  expect([...roster.touched]).toEqual([b]);
  roster.delete("b");
  b.record = { ...b.record, bytesUp: 6 };
  expect([...roster.touched]).toEqual([]);
});

it("of each round and client there is the last record, and the round that was answered last before", () => {
  const of = (round: number, loss: number, name?: string) => ({
    round,
    metrics: { loss },
    ...(name !== undefined && { client: clientId(name) }),
  });
  const table = new MetricTable([of(1, 1), of(2, 2, "a"), of(1, 3, "a"), of(1, 4, "b")]);
  table.put(of(1, 5, "a"));
  expect([...table.of(1)]).toEqual([of(1, 1), of(1, 5, "a"), of(1, 4, "b")]);
  expect(table.ofRound(1)).toEqual(of(1, 1));
  expect([...table.ofClient("a")]).toEqual([of(2, 2, "a"), of(1, 5, "a")]);
  expect([3, 2, 1].map((before) => table.lastAnswered("a", before))).toEqual([2, 1, 0]);
  table.forget("a");
  expect([...table]).toEqual([of(1, 1), of(1, 4, "b")]);
  expect(table.lastAnswered("a", 3)).toBe(0);
});
