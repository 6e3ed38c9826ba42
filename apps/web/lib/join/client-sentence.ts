import type { ClientState } from "@tandem/client/messages";
import { unreachable } from "@tandem/core/errors";
import { plural } from "@tandem/core/format";
import { hasLeft } from "./phases";

/** In a few words, for tables. */
export const stageText: Readonly<Record<string, string>> = {
  download: "Fetching",
  train: "Training",
  transfer: "Learning",
  extract: "Answering",
  evaluate: "Measuring",
  upload: "Sending",
};

/** Ways to compute, as people know them. */
export const deviceText: Readonly<Record<string, string>> = {
  webgpu: "WebGPU",
  webgl: "WebGL",
  wasm: "WebAssembly",
  cpu: "JavaScript",
};

const stages = {
  download: "Fetching what the round brings",
  train: "Training on your samples",
  transfer: "Learning from the others' answers",
  extract: "Answering about the synthetic pictures",
  evaluate: "Measuring accuracy on the public test",
  upload: "Sending the answer",
} as const;

/** What a tab waits for, by what the server says that it is at. */
function waitingFor({ standing = "", rests, ready }: ClientState): string {
  if (standing === "paused")
    return "The study is paused. When whoever runs it lets it go on, this tab does too.";
  if (standing === "failed")
    return "The study has stopped on an error. When it goes on, this tab does too.";
  if (standing === "draft") return "Ready. The study has not started yet.";
  if (standing === "recruiting")
    return `Ready, waiting for more tabs to join (${plural(ready ?? 1, "is", "are")} here).`;
  if (standing === "generating" || standing === "publishing")
    return "Ready. The server prepares the round.";
  if (["aggregating", "teaching", "evaluating"].includes(standing))
    return "The server learns from the round's answers.";
  return rests ? "Sitting this round out: it asks others." : "Ready, waiting for the next round.";
}

/** What this tab is doing, for people. */
export function clientSentence(state: ClientState): string {
  const { phase, history, connection, standing } = state;
  const lost = connection === "offline" ? "Connection lost, trying again. " : "";
  switch (phase) {
    case "idle":
      return "Not joined";
    case "probing":
      return `${lost}Testing what this device can compute with`;
    case "joining":
      return connection === "connecting"
        ? "Connecting to the server"
        : `${lost}Asking the server for a place`;
    case "asking":
      return `${lost}Waiting for whoever runs this study to let you in. Keep this tab open.`;
    case "loading":
      return `${lost}Loading data and model`;
    case "waiting":
      return `${lost || `${waitingFor(state)} `}Keep this tab open.`;
    case "working":
      return `${lost}${doing(state)}${standing === "paused" ? "; the study is paused" : ""}`;
    case "uploading":
      return `${lost}${stages.upload}`;
    case "finished":
      return `Done. This tab took part in ${plural(history.length, "round")}. Thank you.`;
    case "paused":
      return "Paused. The round goes on without this tab.";
    case "removed":
      return `This study has been deleted. ${
        history.length > 0
          ? "Your model stays in this browser."
          : "Nothing of it is kept in this browser."
      }`;
    case "left":
      return hasLeft;
    case "failed":
      return "This tab cannot go on.";
    default:
      return unreachable(phase);
  }
}

function doing({ stage, assignment }: ClientState): string {
  if (stage === "evaluate" && assignment?.measuredOn === "held-out")
    return "Measuring accuracy on what you held back";
  return stage ? stages[stage] : "Working";
}
