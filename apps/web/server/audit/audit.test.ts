import { createManualClock } from "@tandem/coordinator/testing/manual-clock";
import { TandemError } from "@tandem/core/errors";
import type { AuditStore } from "@tandem/core/stores";
import { createMemoryAudit } from "@tandem/storage/memory-audit";
import { expect, test, vi } from "vitest";
import { local, nobody, type Visitor } from "../accounts/accounts";
import { testAudit } from "../testing/open-server";
import type { Watched } from "./audit";

const ada: Visitor = {
  ...{ by: "session", role: "owner", maySpend: true },
  account: { id: "a1", name: "Ada", email: "ada@example.org" },
};
const start = { action: "experiment.start", isParticipant: false, thing: "e1" } as const;

function opened(others: Partial<Parameters<typeof testAudit>[0]> = {}) {
  const clock = createManualClock();
  const store = createMemoryAudit();
  const log = { info: vi.fn(), error: vi.fn() };
  const audit = testAudit({ store, clock, log, ...others });
  const watch = (by: Visitor, more: Partial<Watched> = {}, error?: unknown) =>
    audit
      .watch({ ...start, visitor: by, ...more }, async () => {
        if (error) throw error;
        return "ran";
      })
      .catch((thrown: unknown) => thrown);
  const kept = async () =>
    (await audit.list({}, 100)).map(({ at: _, sequence: __, ...rest }) => rest).reverse();
  return { audit, clock, log, watch, kept };
}
const no = new TandemError("forbidden", "You may not.");

test("keeps who did what, as it was then, and what came of it", async () => {
  const { audit, watch, kept, log } = opened();
  expect(await watch(ada)).toBe("ran");
  await watch({ ...ada, by: "token", token: "CLI" }, {}, no);
  await watch(local, {}, new Error("/srv/secret is gone"));
  await audit.watch({ ...start, visitor: nobody, action: "sign-in", thing: "" }, async (note) =>
    note({ by: { id: "a1", name: "Ada", role: "owner" }, thing: "a1", detail: "passkey" }),
  );
  await audit.watch({ ...start, visitor: ada }, async (note) => note({ changes: false }));
  await watch(ada, { action: undefined });
  const owner = { account: "a1", name: "Ada", role: "owner" };
  const base = { action: "experiment.start", thing: "e1", count: 1 };
  expect(await kept()).toEqual([
    { ...base, ...owner, by: "account", outcome: "done" },
    {
      ...{ ...base, ...owner, by: "token", token: "CLI" },
      ...{ outcome: "refused", reason: "forbidden: You may not." },
    },
    { ...base, by: "machine", outcome: "failed", reason: "internal: Something broke inside." },
    {
      ...{ ...owner, by: "account", action: "sign-in", thing: "a1", count: 1 },
      ...{ detail: "passkey", outcome: "done" },
    },
  ]);
  expect(log.info).toHaveBeenCalledTimes(4);
});

test("strangers write no text of theirs, and two entries a minute of what is alike", async () => {
  const { clock, watch, kept } = opened();
  for (let i = 0; i < 500; i++) await watch(nobody, { thing: `mine-${i}` }, no);
  for (let i = 0; i < 3; i++) await watch(nobody, { isParticipant: true, thing: "e1" });
  clock.advance(60_000);
  await vi.waitFor(async () => expect(await kept()).toHaveLength(4));
  const refused = { by: "nobody", action: "experiment.start", outcome: "refused" };
  const painted = { by: "participant", action: "experiment.start", outcome: "done", thing: "e1" };
  expect(await kept()).toEqual([
    { ...refused, reason: "forbidden", count: 1 },
    { ...painted, count: 1 },
    { ...refused, reason: "forbidden", count: 499 },
    { ...painted, count: 2 },
  ]);
});

test("what has been counted is written when the server closes", async () => {
  const { audit, watch, kept } = opened();
  for (let i = 0; i < 3; i++) await watch(ada, {}, no);
  await audit.close();
  expect((await kept()).map(({ count }) => count)).toEqual([1, 2]);
});

test("texts are cut, and the oldest entries make room, those of strangers among themselves", async () => {
  const { watch, kept } = opened({ rows: 20 });
  await watch(ada, { thing: "x".repeat(1000) });
  expect((await kept())[0].thing).toHaveLength(200);
  for (let i = 0; i < 600; i++) await watch(ada, { thing: `e${i}` });
  const things = (await kept()).map(({ thing }) => thing);
  expect(things.length).toBeLessThan(520);
  expect(things.at(-1)).toBe("e599");
});

test("what a refusal quotes of a file is kept without what no database takes", async () => {
  const { watch, kept } = opened();
  await watch(
    ada,
    { thing: `${"x".repeat(199)}\u{1f600}` },
    new TandemError("bad-data", "a\0b\ud800"),
  );
  expect(await kept()).toMatchObject([{ thing: "x".repeat(199), reason: "bad-data: ab" }]);
});

test("while the log cannot be written nothing is done that would have to be in it", async () => {
  const store = createMemoryAudit();
  let isBroken = false;
  const add: AuditStore["add"] = async (records) => {
    if (isBroken) throw new Error("the disk is full");
    await store.add(records);
  };
  const onLost = vi.fn();
  const { log, watch, kept } = opened({ store: { ...store, add }, onLost });
  isBroken = true;
  expect(await watch(ada, { thing: "first" })).toBe("ran");
  expect(log.error.mock.calls[0]).toMatchObject([
    { err: { message: "the disk is full" }, audit: [{ thing: "first", name: "Ada" }] },
    "the audit log cannot be written",
  ]);
  expect(await watch(ada, { thing: "second" })).toMatchObject({ code: "unavailable" });
  expect(onLost).toHaveBeenCalledTimes(2);
  isBroken = false;
  expect(await watch(ada, { thing: "third" })).toBe("ran");
  expect((await kept()).map(({ thing }) => thing)).toEqual(["first", "third"]);
});
