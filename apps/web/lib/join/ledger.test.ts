import type { Sent } from "@tandem/client/messages";
import { expect, test } from "vitest";
import { createLedger } from "./ledger";
import { asJsonLines } from "./ledger-lines";
import { sentGroups } from "./sent-groups";

const progress = (round: number, fraction: number) => {
  const text = JSON.stringify(["progress", { round, stage: "train", fraction }]);
  return { at: 1e12, what: "progress", text, bytes: text.length };
};
const put = (name: string, size: number) => ({
  at: 1e12,
  what: "put",
  text: name,
  bytes: size,
  blob: new Uint8Array(size).fill(7),
});

async function shownAfter(sent: readonly Sent[], bounds = {}) {
  const ledger = createLedger(bounds);
  const told = new Promise<void>((resolve) => ledger.subscribe(resolve));
  for (const one of sent) ledger.note(one);
  await told;
  return ledger.shown();
}

test("of many entries the oldest are forgotten, and counted", async () => {
  const all = Array.from({ length: 7 }, (_, i) => progress(1, i / 7));
  const { entries, forgotten } = await shownAfter(all, { most: 5 });
  expect(entries).toEqual(all.slice(2));
  expect(forgotten).toBe(2);
});

test("of many bytes the oldest blobs are dropped, and their messages stay", async () => {
  const { entries } = await shownAfter([put("a", 6), progress(1, 1), put("b", 5), put("c", 4)], {
    room: 10,
  });
  expect(entries.map(({ text, blob }) => [text.slice(0, 1), blob?.length])).toEqual([
    ["a", undefined],
    ["[", undefined],
    ["b", 5],
    ["c", 4],
  ]);
});

test("a forgotten entry makes room for other bytes", async () => {
  const { entries } = await shownAfter([put("a", 6), put("b", 4), put("c", 6)], {
    most: 2,
    room: 10,
  });
  expect(entries.map(({ blob }) => blob?.length)).toEqual([4, 6]);
});

test("messages of one kind and round are one group, the newest group first", () => {
  const groups = sentGroups([progress(1, 0), progress(1, 1), put("a", 9), progress(2, 0)]);
  expect(groups.map(({ title, sent, bytes }) => [title, sent.length, bytes])).toEqual([
    ["Said how far it is with round 2", 1, progress(2, 0).bytes],
    ["Sent an answer’s bytes", 1, 9],
    ["Said how far it is with round 1", 2, progress(1, 0).bytes + progress(1, 1).bytes],
  ]);
});

test("the file has a line for each, with bodies and bytes", async () => {
  const file = asJsonLines(await shownAfter([progress(3, 0.5), put("abc", 2)]));
  const [said, blob, ...rest] = file.split("\n");
  expect(rest).toEqual([""]);
  expect(JSON.parse(said)).toMatchObject({ what: "progress", body: ["progress", { round: 3 }] });
  expect(JSON.parse(blob)).toEqual({
    at: new Date(1e12).toISOString(),
    what: "put",
    bytes: 2,
    name: "abc",
    base64: "Bwc=",
  });
});
