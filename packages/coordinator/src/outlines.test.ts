import { clientId } from "@tandem/core/ids";
import { emptyPayload } from "@tandem/core/payload";
import type { ClientInfo } from "@tandem/core/strategy";
import { expect, it } from "vitest";
import { createOutlines } from "./outlines";

it("asks for a state once for each client, and forgets those of long ago", async () => {
  const outlines = createOutlines({ outline: () => ({ arrays: {}, meta: {} }) });
  const client = (id: string): ClientInfo => ({
    id: clientId(id),
    modality: "image",
    architecture: "any",
    samples: 1,
  });
  let loads = 0;
  const ask = (hash: string, id: string) =>
    outlines(hash, client(id), async () => {
      loads++;
      return emptyPayload;
    });
  for (let i = 0; i < 20; i++) await ask("a", "one");
  expect(loads).toBe(1);
  await ask("a", "two");
  expect(loads).toBe(2);
  for (const hash of "bcdefghi") await ask(hash, "one");
  expect(loads).toBe(10);
  await ask("i", "one");
  expect(loads).toBe(10);
  await ask("a", "one");
  expect(loads).toBe(11);
});

it("does not remember what could not be loaded", async () => {
  const outlines = createOutlines({ outline: () => ({ arrays: {}, meta: {} }) });
  const client = { id: clientId("c"), modality: "text", architecture: "any", samples: 1 } as const;
  const gone = () => Promise.reject(new Error("gone"));
  await expect(outlines("a", client, gone)).rejects.toThrow("gone");
  expect(await outlines("a", client, async () => emptyPayload)).toEqual({ arrays: {}, meta: {} });
});
