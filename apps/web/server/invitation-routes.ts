import type { Coordinator } from "@tandem/coordinator/coordinator";
import { parseDecision, parseNewInvitation } from "@tandem/protocol/invitations";
import { json, noContent } from "@tandem/transport/replies";
import { bodyOf, get, post, remove } from "./accounts/route-parts";
import { idOf } from "./api-routes";
import type { Route } from "./router";

const invitations = "/api/experiments/:id/invitations";
const applicants = "/api/experiments/:id/applicants";

/** Who is let into an experiment: links that do it, and people who have asked. */
export const invitationRoutes = (
  coordinator: Pick<Coordinator, "invite" | "invitations" | "revoke" | "applicants" | "decide">,
): readonly Route[] => [
  get(invitations, async (call) => json(await coordinator.invitations(idOf(call)))),
  post(invitations, async (call) => {
    const wanted = parseNewInvitation(await bodyOf(call));
    call.note({ detail: `uses ${wanted.uses}, days ${wanted.days}` });
    return json(await coordinator.invite(idOf(call), wanted), 201);
  }),
  remove(`${invitations}/:invitation`, async (call) =>
    coordinator.revoke(idOf(call), call.parameters.invitation),
  ),
  get(applicants, async (call) => json(await coordinator.applicants(idOf(call)))),
  post(`${applicants}/:applicant`, async (call) => {
    const { verdict } = parseDecision(await bodyOf(call));
    call.note({ detail: verdict });
    await coordinator.decide(idOf(call), call.parameters.applicant, verdict);
    return noContent;
  }),
];
