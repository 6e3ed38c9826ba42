import { architectures, broughtArchitectures } from "@tandem/models/registry";
import { expect, it } from "vitest";
import { backboneArchitectures, usualArchitectures, variedArchitectures } from "./architectures";

it("heads on a backbone's features are for pictures alone", () => {
  const of = (name: string) => broughtArchitectures.find((one) => one.name === name);
  const { image, text, "image-text": both } = backboneArchitectures;
  expect(text).toEqual(usualArchitectures.text);
  for (const [modality, names] of [
    ["image", image],
    ["image-text", both],
  ] as const)
    for (const name of names) expect(of(name)).toMatchObject({ modality, needs: "features" });
});

it.each([usualArchitectures, variedArchitectures])("places name models that there are", (lists) => {
  for (const [modality, names] of Object.entries(lists)) {
    const known = architectures.filter((one) => one.modality === modality).map(({ name }) => name);
    expect(known).toEqual(expect.arrayContaining([...names]));
  }
});
