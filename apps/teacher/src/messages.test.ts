import { TandemError } from "@tandem/core/errors";
import { toldOf } from "@tandem/core/told-error";
import { expect, it } from "vitest";
import { errorOf, failureOf } from "./messages";

it("what strangers may read of a failure comes through to the other process", () => {
  const told = "The remote teacher answered 401.";
  const error = new TandemError("unauthorised", "https://a answered 401: key sk-1", { told });
  const arrived = errorOf(structuredClone(failureOf(error)));
  expect(arrived).toMatchObject({ code: "unauthorised", message: error.message });
  expect(toldOf(arrived)).toEqual({ message: told, isWhole: false });
});
