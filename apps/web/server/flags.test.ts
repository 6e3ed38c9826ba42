import { expect, it } from "vitest";
import { natural, portNumber } from "./flags";

it("the server's flags are whole decimal numbers in their range", () => {
  expect([portNumber("0"), portNumber("65535"), natural("1")]).toEqual([0, 65_535, 1]);
  for (const text of ["", "-1", "65536", "0x50", "80.5"])
    expect(() => portNumber(text)).toThrow(/port from 0/);
  for (const text of ["", "0", "1.5", "Infinity", "0x1"])
    expect(() => natural(text)).toThrow(/whole number from 1/);
});
