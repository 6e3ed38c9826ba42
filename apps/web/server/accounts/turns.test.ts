import { expect, test } from "vitest";
import { createTurns } from "./turns";

test("what is asked at once is done one after another, and what is too much is refused", async () => {
  const inTurn = createTurns(2);
  const log: string[] = [];
  const work = (name: string) =>
    inTurn(async () => {
      log.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      log.push(`${name} ends`);
      if (name === "a") throw new Error("a fails");
      return name;
    });
  const all = await Promise.allSettled(["a", "b", "c", "d"].map(work));
  expect(log).toEqual(["a", "b", "c"].flatMap((name) => [`${name} begins`, `${name} ends`]));
  expect(all).toMatchObject([
    { reason: { message: "a fails" } },
    { value: "b" },
    { value: "c" },
    { reason: { code: "too-many" } },
  ]);
  expect(await work("e")).toBe("e");
});
