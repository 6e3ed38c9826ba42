import type { ClientView } from "@tandem/protocol/view";

type Standing = Pick<ClientView, "status">;

/** Takes part, though it may be away. */
export const takesPart = ({ status }: Standing): boolean =>
  !["left", "removed", "erased"].includes(status);

/** Connected now. */
export const isHere = (client: Standing): boolean => takesPart(client) && client.status !== "away";

export const present = (clients: readonly ClientView[]): readonly ClientView[] =>
  clients.filter(isHere);
