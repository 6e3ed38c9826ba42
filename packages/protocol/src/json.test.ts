import { expect, it } from "vitest";
import { jsonObject } from "./json";

it("JSON that a database could not keep is refused", () => {
  for (const value of [{ a: "\0" }, { a: ["\ud800"] }, { "\0": 1 }, { a: Number.NaN }, [], null])
    expect(jsonObject.safeParse(value).success).toBe(false);
  expect(jsonObject.safeParse({ a: ["🙂\n", null, 1.5] }).success).toBe(true);
});
