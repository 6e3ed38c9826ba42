import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { checkParity, parityBound, relativeError, type TensorParity } from "./parity";

const fixtures = fileURLToPath(new URL("../fixtures/diffusers", import.meta.url));
let results: readonly TensorParity[];
beforeAll(async () => {
  results = await checkParity(fixtures);
});

describe("parity with diffusers", () => {
  it.each([
    ["unet-sd1", 6],
    ["unet-sd2", 6],
    ["autoencoder-kl", 3],
    ["autoencoder-tiny", 2],
    ["clip-text", 3],
    ["schedulers", 17],
  ])("%s: %i tensors within the bound", (folder, count) => {
    const own = results.filter((result) => result.folder === folder);
    expect(own).toHaveLength(count);
    for (const { tensor, error } of own) expect(error, tensor).toBeLessThan(parityBound);
  });
});

it("the error is the largest difference over the largest magnitude; NaN is infinite", () => {
  expect(relativeError([1, -3.5], [1, -4])).toBe(0.125);
  expect(relativeError([Number.NaN], [1])).toBe(Number.POSITIVE_INFINITY);
});

it("a folder that is not there is missed by its path", async () => {
  await expect(checkParity("/no/such/folder")).rejects.toMatchObject({
    code: "not-found",
    message: "there is no folder /no/such/folder",
  });
});
