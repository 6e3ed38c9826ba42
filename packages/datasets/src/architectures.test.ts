import { architectures } from "@tandem/models/registry";
import { expect, it } from "vitest";
import { usualArchitectures, variedArchitectures } from "./architectures";

it.each([usualArchitectures, variedArchitectures])("places name models that there are", (lists) => {
  for (const [modality, names] of Object.entries(lists)) {
    const known = architectures.filter((one) => one.modality === modality).map(({ name }) => name);
    expect(known).toEqual(expect.arrayContaining([...names]));
  }
});
