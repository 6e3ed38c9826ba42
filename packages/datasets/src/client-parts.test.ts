import { expect, it } from "vitest";
import { clientPartsShare, partsOfClients } from "./client-parts";

it("shares of all that clients hold are added up, of one kind of pictures", () => {
  const metrics = {
    "teacher/part/plain": 0.5,
    "teacher/part/negative": 0.25,
    "teacher/part/turned": 0.125,
    "teacher/basePart/negative": 0.0625,
  };
  expect(clientPartsShare("fm-cap-domains", metrics, "teacher/part/")).toBe(0.375);
  expect(clientPartsShare("fm-cap-domain", metrics, "teacher/part/")).toBe(0.25);
  expect(clientPartsShare("fm-cap-domain", metrics, "teacher/basePart/")).toBe(0.0625);
});

it("there is none where nothing was measured, or clients hold all", () => {
  expect(clientPartsShare("fm-cap-domain", {}, "teacher/part/")).toBeUndefined();
  expect(
    clientPartsShare("emoji-style", { "teacher/part/noto": 1 }, "teacher/part/"),
  ).toBeUndefined();
  for (const name of ["emoji-style", "toString"]) expect(partsOfClients(name)).toBeUndefined();
});
