import type { Coordinator } from "@tandem/coordinator/coordinator";
import { parseNewInvitation } from "@tandem/protocol/invitations";
import { json } from "@tandem/transport/replies";
import { bodyOf, get, post, remove } from "./accounts/route-parts";
import { idOf } from "./api-routes";
import type { Route } from "./router";

const path = "/api/experiments/:id/invitations";

/** Links that let people into an experiment. */
export const invitationRoutes = (
  coordinator: Pick<Coordinator, "invite" | "invitations" | "revoke">,
): readonly Route[] => [
  get(path, async (call) => json(await coordinator.invitations(idOf(call)))),
  post(path, async (call) => {
    const wanted = parseNewInvitation(await bodyOf(call));
    return json(await coordinator.invite(idOf(call), wanted), 201);
  }),
  remove(`${path}/:invitation`, async (call) =>
    coordinator.revoke(idOf(call), call.parameters.invitation),
  ),
];
