import { once } from "node:events";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { freePort } from "./server-process";

test("a busy port is not taken, a free one is", async () => {
  const other = createServer().listen(0);
  await once(other, "listening");
  const address = other.address();
  if (typeof address !== "object" || !address) throw new Error("no port");
  expect(await freePort(address.port)).not.toBe(address.port);
  other.close();
  await once(other, "close");
  expect(await freePort(address.port)).toBe(address.port);
});
