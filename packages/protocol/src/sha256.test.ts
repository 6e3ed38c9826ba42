import { expect, it } from "vitest";
import { sha256Hex } from "./sha256";

it("the SHA-256 of nothing is the published one", async () => {
  expect(await sha256Hex(new Uint8Array())).toBe(
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  );
});
