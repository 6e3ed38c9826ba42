import { expect, it } from "vitest";
import { createKeyPair, deviceKeyOf, joinStatement, uploadStatement } from "./device-key";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const upload = { experiment: "e", client: "p0001", round: 2, instruction: "ab", hash: "cd" };

it("what is signed says what it is of, a line each", () => {
  expect(text(joinStatement({ experiment: "e", challenge: "c", token: "t" }))).toBe(
    "tandem join 1\ne\nc\nt",
  );
  expect(text(joinStatement({ experiment: "e", challenge: "c" }))).toBe("tandem join 1\ne\nc\n");
  expect(text(uploadStatement(upload))).toBe("tandem upload 1\ne\np0001\n2\nab\ncd");
});

it("a key's private half cannot be read, and its names are as long as the contract has them", async () => {
  const pair = await createKeyPair();
  for (const format of ["pkcs8", "jwk"] as const)
    await expect(crypto.subtle.exportKey(format, pair.privateKey)).rejects.toThrow();
  const key = await deviceKeyOf(pair);
  expect(key.public).toMatch(/^[\w-]{87}$/);
  expect(await key.sign(uploadStatement(upload))).toMatch(/^[\w-]{86}$/);
});
