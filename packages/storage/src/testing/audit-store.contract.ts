import type { AuditFilter, AuditRecord } from "@tandem/core/audit";
import type { AuditStore } from "@tandem/core/stores";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

const record = (at: number, rest: Partial<AuditRecord> = {}): AuditRecord => ({
  ...{ at, by: "machine", action: "experiment.start", outcome: "done", count: 1 },
  ...rest,
});

/** What every driver of `AuditStore` must do; `open` gives an empty store. */
export function auditStoreContract(
  name: string,
  open: () => Promise<{ readonly audit: AuditStore; close(): Promise<void> }>,
): void {
  describe(`${name} as a store of an audit log`, () => {
    let opened: Awaited<ReturnType<typeof open>>;
    let audit: AuditStore;
    beforeAll(async () => {
      opened = await open();
      audit = opened.audit;
    });
    beforeEach(() => audit.prune(0, { all: 0, strangers: 0 }));
    afterAll(() => opened.close());
    const times = async (filter: AuditFilter, most = 100) =>
      (await audit.list(filter, most)).map(({ at }) => at);

    it("gives back what was added, the latest first, with ascending sequences", async () => {
      const whole = record(2, {
        ...{ by: "token", account: "a1", name: "Ada", role: "owner", token: "CLI" },
        ...{ thing: "e1", detail: "all of it", outcome: "refused", reason: "no", count: 3 },
      });
      await audit.add([record(1)]);
      await audit.add([whole, record(3)]);
      await audit.add([]);
      const found = await audit.list({}, 100);
      expect(found.map(({ sequence: _, ...rest }) => rest)).toEqual([record(3), whole, record(1)]);
      const [last, middle, first] = found.map(({ sequence }) => sequence);
      expect(first < middle && middle < last).toBe(true);
      expect(await times({ before: last }, 1)).toEqual([2]);
    });

    it("finds by person, action, thing and time", async () => {
      await audit.add([
        record(1, { by: "account", name: "Ada 100%", thing: "e1" }),
        record(2, { by: "account", name: "Adam", action: "task.edit", thing: "task-e1" }),
        record(3, { by: "nobody", action: "sign-in", outcome: "refused" }),
      ]);
      expect(await times({ who: "ada" })).toEqual([2, 1]);
      expect(await times({ who: "100%" })).toEqual([1]);
      expect(await times({ who: "A_a" })).toEqual([]);
      expect(await times({ who: "Nobody" })).toEqual([3]);
      expect(await times({ who: "nobod" })).toEqual([]);
      expect(await times({ action: "task.edit" })).toEqual([2]);
      expect(await times({ thing: "E1" })).toEqual([2, 1]);
      expect(await times({ from: 2, until: 3 })).toEqual([2]);
      expect(await times({ who: "ada", action: "sign-in" })).toEqual([]);
    });

    it("forgets what is too old, and what is too much", async () => {
      await audit.add([1, 2, 3, 4, 5].map((at) => record(at)));
      await audit.prune(2, { all: 10, strangers: 0 });
      expect(await times({})).toEqual([5, 4, 3, 2]);
      await audit.prune(0, { all: 2, strangers: 0 });
      expect(await times({})).toEqual([5, 4]);
      await audit.add([6, 7, 8].map((at) => record(at, { by: "nobody" })));
      await audit.prune(0, { all: 10, strangers: 2 });
      expect(await times({})).toEqual([8, 7, 5, 4]);
    });
  });
}
