import { TandemError } from "@tandem/core/errors";
import { expect, it } from "vitest";
import type { ClientState, JoinOptions } from "../messages";
import { servePage } from "./serve-page";

const options: JoinOptions = { url: "", experiment: "e", wasmPath: "" };

function page(leave: () => Promise<void>) {
  const changes: Partial<ClientState>[] = [];
  let left = 0;
  const serve = servePage({
    join: async () => ({
      finished: Promise.resolve(),
      async leave() {
        left++;
        await leave();
      },
    }),
    forget: async () => {},
    erase: async () => {},
    update: (change) => changes.push(change),
  });
  return { serve, changes, left: () => left };
}

it("leaves even when it is asked to before it has joined", async () => {
  const { serve, changes, left } = page(async () => {});
  await Promise.all([serve({ type: "join", options }), serve({ type: "leave", erase: false })]);
  expect(left()).toBe(1);
  expect(changes).toEqual([]);
});

it("shows whatever goes wrong", async () => {
  const { serve, changes } = page(async () => {
    throw new TandemError("full", "no room");
  });
  await serve({ type: "join", options });
  await serve({ type: "join", options });
  await serve({ type: "leave", erase: false });
  await serve({ type: "dance" } as never);
  expect(changes.map(({ phase, error }) => [phase, error?.code])).toEqual([
    ["failed", "conflict"],
    ["failed", "full"],
    ["failed", "unavailable"],
  ]);
});
