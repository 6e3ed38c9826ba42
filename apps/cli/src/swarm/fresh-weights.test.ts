import { sizeOf } from "@tandem/core/tensor";
import { decodeUpload, encodePayload, packPayload } from "@tandem/protocol/payload-codec";
import { expect, it } from "vitest";
import { freshWeights } from "./fresh-weights";

const outline = { arrays: {}, others: "", meta: {} };

it.each([24, 20_000, 270_000])(
  "%i parameters are packed as a tab packs them, other ones each time",
  async (parameters) => {
    const next = await freshWeights(parameters, "seed");
    const [first, second] = [next(), next()];
    const one = await decodeUpload(first, outline);
    const other = await decodeUpload(second, outline);
    const sizes = Object.values(one.arrays).map(({ shape }) => sizeOf(shape));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(parameters);
    expect(other.arrays["a.weights"].data).not.toEqual(one.arrays["a.weights"].data);
    const alike = { ...other.arrays, "a.weights": one.arrays["a.weights"] };
    const bytes = [one.arrays, alike].map((arrays) => encodePayload({ arrays, meta: {} }));
    expect(Buffer.compare(bytes[0], bytes[1])).toBe(0);
    const asTabs = await packPayload({ arrays: one.arrays, meta: {} });
    expect(first.length / asTabs.length).toBeCloseTo(1, 1);
  },
);

it("too few parameters are refused", async () => {
  await expect(freshWeights(10, "seed")).rejects.toThrow("use at least 24");
});
