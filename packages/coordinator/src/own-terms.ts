import { heldWords } from "@tandem/core/data";
import { TandemError } from "@tandem/core/errors";
import type { FederatedData } from "@tandem/core/federated-data";
import { listed, plural } from "@tandem/core/format";
import type { TandemRequests } from "@tandem/protocol/events";

export type Brought = NonNullable<TandemRequests["join"]["request"]["own"]>;

/** Throws `not-supported` or `bad-data` unless what a client brings, or does not, is as the study wants it. */
export function checkOwn({ own: terms, test }: FederatedData, brought: Brought | undefined): void {
  if (!terms && !brought) return;
  if (!terms)
    throw new TandemError(
      "not-supported",
      "This study gives each participant a part of its data set: join without data of your own.",
    );
  const bad = (message: string) => new TandemError("bad-data", message);
  const { modalities, least } = terms;
  const wanted = listed(
    modalities.map((modality) => heldWords[modality]),
    "or",
  );
  if (!brought)
    throw bad(
      `Everyone brings data of their own to this study: add your ${wanted}, at least ${least.participant}, then join.`,
    );
  const { modality, samples, heldOut } = brought;
  if (!modalities.includes(modality))
    throw bad(`This study takes ${wanted}, not ${heldWords[modality]}: add those and join again.`);
  const missing = least.participant - samples - heldOut;
  if (missing > 0)
    throw bad(
      `This study takes at least ${plural(least.participant, "sample")} from each participant, and you bring ${samples + heldOut} (${samples} to train on, ${heldOut} held out): add ${missing} more and join again.`,
    );
  if (!test && heldOut === 0)
    throw bad(
      "This study has no test set, and you hold out no sample to measure on: add a second sample of a class and join again.",
    );
}
