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

it("a tab that waits says what for", () => {
  const waiting = { ...initialState, connection: "online", phase: "waiting" } as const;
  const said = (standing: string) => clientSentence({ ...waiting, standing, ready: 1 });
  expect(said("paused")).toMatch(/^The experiment is paused/);
  expect(said("failed")).toMatch(/stopped on an error/);
  expect(said("recruiting")).toMatch(/waiting for more tabs to join \(1 is here\)/);
  expect(said("generating")).toMatch(/server prepares the round/);
  expect(said("collecting")).toMatch(/waiting for the next round/);
  expect(clientSentence({ ...waiting, phase: "working", standing: "paused" })).toMatch(
    /is paused$/,
  );
});
