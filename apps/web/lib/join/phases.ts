import type { ClientState } from "@tandem/client/messages";

/** Nothing goes on in this tab any more. */
export const isOver = (state: ClientState): boolean =>
  ["finished", "left", "failed", "removed"].includes(state.phase);

/** It ended before the server gave it a place: there is nothing to show but the reason. */
const neverJoined = (state: ClientState): boolean => isOver(state) && !state.assignment;

/** It takes no part: it has not begun, never had a place, or is asked to agree to what is new. */
export const isOutside = (state: ClientState): boolean =>
  state.phase === "idle" || neverJoined(state) || (isOver(state) && state.error?.code === "stale");

/** It computes, or is about to. */
export const isActive = (state: ClientState): boolean =>
  !isOver(state) && state.phase !== "idle" && state.phase !== "paused";

/** As an error of a state that waits for the server. */
export const outOfReach = {
  code: "unavailable",
  message:
    "The server cannot be reached. Check this device's network; this page joins by itself when it can.",
};

export const hasLeft = "You have left. This browser no longer keeps the model.";
