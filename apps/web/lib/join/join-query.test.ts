import { expect, it } from "vitest";
import { joinQuery } from "./join-query";

it("an address that asks for what is none asks for nothing", () => {
  const given = { auto: "1", slot: "2", name: "Ada" };
  const own = { isFromJoinPage: true };
  expect(joinQuery(given, own)).toEqual({ auto: true, slot: 2, name: "Ada" });
  for (const slot of ["", "0x2", "-1", "1.5", "1e1"])
    expect(joinQuery({ ...given, slot }, own)).toEqual({ auto: true, name: "Ada" });
  for (const name of ["A\0", "A\ud83d"])
    expect(joinQuery({ ...given, name }, own)).toEqual({ auto: true, slot: 2 });
});

it("a link from elsewhere joins nobody", () => {
  const given = { auto: "1", backend: "wasm" };
  expect(joinQuery(given, { isFromJoinPage: false })).toEqual({ auto: false, prefer: "wasm" });
});
