import { expect, it } from "vitest";
import { keptLately } from "./kept-lately";

/** Makes what it is asked for, and says what it has made. */
function maker(room: number) {
  const made: string[] = [];
  const kept = keptLately<string>(room, ({ length }) => length);
  const get = (key: string) =>
    kept(key, async () => {
      made.push(key);
      return key;
    });
  return { made, get, kept };
}

it("what is asked for twice is made once, also while it is being made", async () => {
  const { made, get } = maker(10);
  await Promise.all([get("a"), get("a")]);
  await get("a");
  expect(made).toEqual(["a"]);
});

it("what has gone unused for longest makes room, and what is larger than all stays while it is the latest", async () => {
  const { made, get } = maker(5);
  for (const key of ["aa", "bb", "aa", "cc", "aa", "bb"]) await get(key);
  expect(made).toEqual(["aa", "bb", "cc", "bb"]);
  for (const key of ["toolarge", "toolarge", "aa"]) await get(key);
  expect(made.slice(4)).toEqual(["toolarge", "aa"]);
});

it("what has failed is tried again", async () => {
  const { get, kept } = maker(5);
  await expect(kept("a", () => Promise.reject(new Error("away")))).rejects.toThrow("away");
  expect(await get("a")).toBe("a");
});
