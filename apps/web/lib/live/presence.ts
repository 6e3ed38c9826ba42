import type { ClientView } from "@tandem/protocol/view";

/** Connected now. */
export const isHere = ({ status }: Pick<ClientView, "status">): boolean =>
  status !== "away" && status !== "left" && status !== "removed";

export const present = (clients: readonly ClientView[]): readonly ClientView[] =>
  clients.filter(isHere);
