import { expect, test } from "vitest";
import { agreedIn, changesOf } from "./consent";
import { keptIn } from "./kept";

const of = (hash: string, terms: Readonly<Record<string, string>>) => ({
  hash,
  terms: Object.entries(terms).map(([what, said]) => ({ what, said })),
});
const before = of("a", { Sent: "A number.", Rounds: "5", Data: "emoji" });

test("says what has changed since somebody agreed, and nothing else", () => {
  const now = of("b", { Sent: "Two numbers.", Rounds: "5", Seen: "by all" });
  expect(changesOf(before, now)).toEqual([
    { what: "Sent", before: "A number.", now: "Two numbers." },
    { what: "Seen", now: "by all" },
    { what: "Data", before: "emoji" },
  ]);
  expect(changesOf(before, before)).toEqual([]);
});

test("remembers what was agreed to until it is forgotten, and reads nothing that is not its own", () => {
  const kept = keptIn(() => {
    throw new Error("denied"); // in memory, then
  });
  const agreed = agreedIn(kept);
  expect(agreed.of("e")).toBeUndefined();
  agreed.remember("e", before);
  expect(agreed.of("e")).toEqual(before);
  expect(agreed.of("other")).toBeUndefined();
  for (const other of ["{", "null", '{"hash":1,"terms":[]}', '{"hash":"a","terms":[null]}']) {
    kept.set("tandem/consent/e", other);
    expect(agreed.of("e")).toBeUndefined();
  }
  agreed.remember("e", before);
  agreed.forget("e");
  expect(agreed.of("e")).toBeUndefined();
});
