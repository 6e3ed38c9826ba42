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

it("says of an experiment that is deleted whether this browser keeps a model of it", () => {
  const removed = { ...initialState, phase: "removed" } as const;
  expect(clientSentence(removed)).toMatch(/Nothing of it is kept in this browser\.$/);
  const history = [{ round: 1, accuracy: 0.5 }];
  expect(clientSentence({ ...removed, history })).toMatch(/Your model stays in this browser\.$/);
});

it("a tab that waits says what for", () => {
  const waiting = { ...initialState, connection: "online", phase: "waiting" } as const;
  const said = (standing: string) => clientSentence({ ...waiting, standing, ready: 1 });
  expect(said("paused")).toMatch(/^The study is paused/);
  expect(said("failed")).toMatch(/stopped on an error/);
  expect(said("recruiting")).toMatch(/waiting for more tabs to join \(1 is here\)/);
  expect(said("generating")).toMatch(/server prepares the round/);
  expect(said("collecting")).toMatch(/waiting for the next round/);
  expect(clientSentence({ ...waiting, phase: "working", standing: "paused" })).toMatch(
    /is paused$/,
  );
});
