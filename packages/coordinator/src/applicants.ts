import { TandemError } from "@tandem/core/errors";
import type { Verdict } from "@tandem/core/experiment";
import type { ExperimentId } from "@tandem/core/ids";
import { protocolVersion, type TandemRequests } from "@tandem/protocol/events";
import type { ApplicantView } from "@tandem/protocol/view";
import type { Crowds } from "./crowds";
import { provenKey } from "./device-keys";
import type { Asking } from "./join";
import type { CoordinatorOptions } from "./ports";
import type { Requests } from "./requests";
import { amongJoins, type Runtime } from "./runtime";
import { hashToken } from "./tokens";

/** Who waits at a time, and who has ever asked. */
const [mostWaiting, mostAsked] = [100, 1000] as const;

export type Applicants = ReturnType<typeof createApplicants>;
type Options = Pick<CoordinatorOptions, "store" | "clock" | "random"> & {
  readonly crowds: Crowds;
  readonly runtime: (id: ExperimentId) => Promise<Runtime>;
};

/** Who wants to take part where whoever runs the experiment lets people in. */
export function createApplicants({ store, clock, random, crowds, runtime }: Options) {
  /** Of those who have asked since the server started. */
  const addresses = new Map<string, string>();

  /**
   * What a tab is answered that may not join yet; undefined where it may try. Throws `forbidden`, `full`,
   * and `stale` for who does not say what they agree to; like a join for a key that is not shown to be its own.
   */
  async function knock(
    target: Runtime,
    { connection, challenge }: Asking,
    wish: Requests["join"],
  ): Promise<TandemRequests["join"]["reply"] | undefined> {
    const { record, consent, clients, state } = target;
    // Of another version, joining says so.
    if (record.config.admission !== "approval" || wish.version !== protocolVersion)
      return undefined;
    const key = provenKey(wish, challenge);
    const { address } = connection;
    const hash = wish.token === undefined ? undefined : hashToken(wish.token);
    if (hash && state.barred.includes(hash)) return undefined; // joining says so
    if (hash !== undefined && clients.ofToken(hash)) return undefined;
    const all = await store.applicants(record.id);
    const known = all.find(({ id }) => hash !== undefined && id === applicantId(hash, key));
    if (known?.verdict === "accepted") return undefined;
    if (known?.verdict === "refused")
      throw new TandemError("forbidden", "Whoever runs this study has not let this tab in.");
    if (known && wish.token) return waiting(wish.token);
    if (wish.consent !== consent.hash)
      throw new TandemError("stale", "This page does not say what you agree to: reload it.");
    const waits = all.filter(({ verdict }) => verdict === undefined);
    const here = waits.filter(({ id }) => addresses.get(id) === address);
    crowds.check(target, (await target.data()).slots.length, address, here.length);
    if (waits.length >= mostWaiting || all.length >= mostAsked)
      throw new TandemError(
        "full",
        "Too many have asked to take part already: ask whoever runs this study.",
      );
    const token = random.token();
    const id = applicantId(hashToken(token), key);
    addresses.set(id, address);
    await store.keepApplicant(record.id, {
      id,
      name: wish.name?.trim() || "No name",
      device: wish.device,
      at: clock.now(),
    });
    return waiting(token);
  }

  return {
    knock,
    /** Who waits, the first first. */
    async applicants(id: ExperimentId): Promise<readonly ApplicantView[]> {
      await runtime(id);
      const all = (await store.applicants(id)).filter(({ verdict }) => verdict === undefined);
      return all.sort((a, b) => a.at - b.at);
    },
    /** Throws `not-found` for who does not wait. */
    async decide(id: ExperimentId, applicant: string, verdict: Verdict): Promise<void> {
      // Of two decisions one is heard, and who has been erased is not kept anew.
      await amongJoins(await runtime(id), async () => {
        const found = (await store.applicants(id)).find((one) => one.id === applicant);
        if (!found || found.verdict !== undefined)
          throw new TandemError("not-found", `Nobody waits as ${applicant.slice(0, 64)}.`);
        await store.keepApplicant(id, { ...found, verdict });
        addresses.delete(applicant);
      });
    },
  };
}

/** Whose token alone is stolen is somebody else. */
export const applicantId = (tokenHash: string, key: string): string =>
  hashToken(`${tokenHash} ${key}`);

const waiting = (token: string) => ({
  ok: false as const,
  error: { code: "waiting", message: "Whoever runs this study has not let you in yet." },
  token,
});
