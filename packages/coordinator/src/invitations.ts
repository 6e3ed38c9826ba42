import { dayMs } from "@tandem/core/duration";
import { TandemError } from "@tandem/core/errors";
import type { InvitationRecord } from "@tandem/core/experiment";
import type { ExperimentId } from "@tandem/core/ids";
import type { ExperimentStore } from "@tandem/core/stores";
import type { InvitationView, NewInvitationView } from "@tandem/protocol/view";
import type { CoordinatorOptions } from "./ports";
import type { Requests } from "./requests";
import type { Runtime } from "./runtime";
import { hashToken } from "./tokens";

const mostInvitations = 100;

/** Links that let people into an experiment; of what a link holds only the hash is kept. */
export function createInvitations({
  store,
  clock,
  random,
  runtime,
}: Pick<CoordinatorOptions, "store" | "clock" | "random"> & {
  readonly runtime: (id: ExperimentId) => Promise<Runtime>;
}) {
  return {
    /** Throws `conflict` where nobody needs one, and `full`. Its secret is told this once. */
    async invite(
      id: ExperimentId,
      { uses, days }: { readonly uses: number; readonly days: number },
    ): Promise<NewInvitationView> {
      const { record, consent } = await runtime(id);
      if (record.config.admission !== "invitation")
        throw new TandemError(
          "conflict",
          "Nobody needs an invitation to this experiment: create one whose admission is invitation.",
        );
      const { length } = await store.invitations(id);
      if (length >= mostInvitations)
        throw new TandemError("full", `there are ${length} invitations: revoke what is not needed`);
      const secret = random.token();
      const now = clock.now();
      const invitation: InvitationRecord = {
        id: hashToken(secret),
        consent: consent.hash,
        uses,
        used: 0,
        createdAt: now,
        expiresAt: now + days * dayMs,
      };
      await store.invite(id, invitation);
      return { ...invitationView(invitation, consent.hash), secret };
    },
    /** The latest first. */
    async invitations(id: ExperimentId): Promise<readonly InvitationView[]> {
      const { consent } = await runtime(id);
      const all = [...(await store.invitations(id))];
      all.sort((a, b) => b.createdAt - a.createdAt);
      return all.map((one) => invitationView(one, consent.hash));
    },
    /** Who has come by it stays; throws `not-found`. */
    async revoke(id: ExperimentId, invitation: string): Promise<void> {
      if (!(await store.revoke(id, invitation)))
        throw new TandemError("not-found", `there is no invitation ${invitation.slice(0, 64)}`);
    },
  };
}

const invitationView = (
  { consent, ...shown }: InvitationRecord,
  present: string,
): InvitationView => ({ ...shown, isOutdated: consent !== present });

const askAnother = "Ask whoever runs the study for another one.";

/**
 * The invitation of which a newcomer takes a use; none where none is needed. Throws `forbidden`, and
 * `stale` for who does not say what they agree to.
 */
export async function invitationOf(
  store: Pick<ExperimentStore, "invitations">,
  { record, consent }: Pick<Runtime, "record" | "consent">,
  wish: Pick<Requests["join"], "invitation" | "consent">,
  now: number,
): Promise<string | undefined> {
  if (record.config.admission !== "invitation") return undefined;
  const refuse = (why: string) => new TandemError("forbidden", `${why} ${askAnother}`);
  if (wish.invitation === undefined)
    throw new TandemError(
      "forbidden",
      "This study is by invitation: open the whole link that you were sent, or ask whoever runs the study for one.",
    );
  const id = hashToken(wish.invitation);
  const found = (await store.invitations(record.id)).find((one) => one.id === id);
  if (!found) throw refuse("This invitation is none of this study's, or has been revoked.");
  if (found.expiresAt <= now) throw refuse("This invitation has expired.");
  if (found.used >= found.uses)
    throw refuse("This invitation has been used as often as it may be.");
  if (found.consent !== consent.hash)
    throw refuse("What this study asks of people has changed since this invitation was made.");
  if (wish.consent === undefined)
    throw new TandemError("stale", "This page does not say what you agree to: reload it.");
  return id;
}
