import type { BackboneReference } from "@tandem/core/task";
import { expect, it } from "vitest";
import { fits } from "./fits";
import { misfitOf } from "./misfit";

const backbone: BackboneReference = {
  url: "/backbones/net/model.json",
  sha256: "a".repeat(64),
  normalisation: "0..1",
  size: 96,
  features: 1280,
};
const pictures = { size: 32, colour: true, background: 255 } as const;

it("whatever makes features another's is told, and the way out; another address of the same is fine", () => {
  const kept = { side: 32, backbone };
  const wanted = (change: Partial<BackboneReference> = {}) => ({
    pictures,
    backbone: { ...backbone, ...change },
  });
  expect(misfitOf(kept, wanted())).toBeUndefined();
  expect(misfitOf(kept, wanted({ url: "https://example.org/model.json" }))).toBeUndefined();
  expect(misfitOf(kept, { pictures })).toBeUndefined(); // a study without one reads the pictures
  for (const change of [
    { sha256: "b".repeat(64) },
    { layer: "flatten_1" },
    { normalisation: "-1..1" },
    { size: 128 },
    { features: 640 },
  ] as const)
    expect(misfitOf(kept, wanted(change)), JSON.stringify(change)).toMatch(
      /read with another backbone \(aaaaaaaa, .*\) than the study's .*: bring your pictures again/,
    );
  expect(misfitOf({ side: 32 }, wanted())).toMatch(/without what the study's backbone makes/);
  expect(misfitOf({ side: 16 }, { pictures })).toMatch(/16 pixels a side, and the study's have 32/);
  expect(misfitOf({}, wanted())).toBeUndefined();
  for (const own of [kept, { side: 32 }, { side: 16, backbone }, {}])
    for (const study of [wanted(), wanted({ size: 128 }), { pictures }])
      expect(fits(own, study)).toBe(misfitOf(own, study) === undefined);
});
