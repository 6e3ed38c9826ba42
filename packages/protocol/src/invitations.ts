import { verdicts } from "@tandem/core/experiment";
import * as z from "zod/mini";
import { parsedBy } from "./parsed-by";

const [mostUses, mostDays] = [1000, 90] as const;
const upTo = (most: number) => z.int().check(z.minimum(1), z.maximum(most));
export const newInvitation = z.strictObject({
  /** People that it lets in. */
  uses: z._default(upTo(mostUses), 1),
  days: z._default(upTo(mostDays), 7),
});

export const decision = z.strictObject({ verdict: z.enum(verdicts) });

/** Body of the route that decides who is let in; throws `bad-config`. */
export const parseDecision = (input: unknown) => parsedBy(decision, input);

/** Body of the route that makes an invitation; throws `bad-config` naming the first field that is wrong. */
export const parseNewInvitation = (input: unknown) => parsedBy(newInvitation, input);
