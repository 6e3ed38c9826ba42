import { expect, onTestFinished, test } from "vitest";
import * as accountTables from "./accounts-schema";
import { openEmptied } from "./testing/stored";

test("a row that does not fit is refused, with those before it", async () => {
  const { empty, close } = await openEmptied();
  onTestFinished(close);
  const to = await empty();
  const insert = (...rows: object[]) =>
    to.records.insert(
      (async function* () {
        for (const row of rows) yield { table: accountTables.budgets, rows: [JSON.stringify(row)] };
      })(),
      async () => {},
    );
  const good = { kind: "remote", per_day: 7 };
  for (const [row, code] of [
    [{ kind: "prompts", per_day: "many" }, "bad-data"],
    [{ kind: "prompts", per_day: null }, "bad-data"],
    [{ kind: "prompts", per_day: 1, per_hour: 1 }, "not-supported"],
    [good, "conflict"],
  ] as const)
    await expect(insert(good, row)).rejects.toMatchObject({ code });
  expect((await to.accounts.spending.limits()).size).toBe(0);
});
