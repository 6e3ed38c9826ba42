import type { ClientView } from "@tandem/protocol/view";

/** The clients that are connected now. */
export const present = (clients: readonly ClientView[]): readonly ClientView[] =>
  clients.filter(({ status }) => status !== "away" && status !== "left");
