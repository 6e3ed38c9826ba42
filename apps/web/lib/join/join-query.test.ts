import { expect, it } from "vitest";
import { joinQuery } from "./join-query";

it("an address that asks for what is none asks for nothing", () => {
  const given = { auto: "1", slot: "2", name: "Ada" };
  expect(joinQuery(given)).toEqual({ auto: true, slot: 2, name: "Ada" });
  for (const slot of ["", "0x2", "-1", "1.5", "1e1"])
    expect(joinQuery({ ...given, slot })).toEqual({ auto: true, name: "Ada" });
  for (const name of ["A\0", "A\ud83d"])
    expect(joinQuery({ ...given, name })).toEqual({ auto: true, slot: 2 });
});
