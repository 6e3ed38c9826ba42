import { initialState } from "@tandem/client/messages";
import { expect, it } from "vitest";
import { clientSentence } from "./client-sentence";

it("a tab that waits says whether the round asks others", () => {
  const waiting = { ...initialState, connection: "online", phase: "waiting" } as const;
  expect(clientSentence(waiting)).toBe("Ready, waiting for the next round. Keep this tab open.");
  expect(clientSentence({ ...waiting, rests: true })).toBe(
    "Sitting this round out: it asks others. Keep this tab open.",
  );
  expect(clientSentence({ ...waiting, rests: true, connection: "offline" })).toBe(
    "Connection lost, trying again. Keep this tab open.",
  );
});
