import type { ClientView } from "@tandem/protocol/view";

/** Connected now. */
export const isHere = ({ status }: Pick<ClientView, "status">): boolean =>
  !["away", "left", "removed", "erased"].includes(status);

export const present = (clients: readonly ClientView[]): readonly ClientView[] =>
  clients.filter(isHere);
