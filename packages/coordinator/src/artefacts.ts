import { TandemError } from "@tandem/core/errors";
import type { ExperimentId } from "@tandem/core/ids";
import type { BlobStore } from "@tandem/core/stores";
import type { Gallery } from "@tandem/core/strategy";
import { type Arrays, arrayOf, type TensorOf } from "@tandem/core/tensor";
import { decodePayload } from "@tandem/protocol/payload-codec";
import type { Runtime } from "./runtime";

export type RoundGallery = {
  readonly gallery: Gallery;
  /** (N, h, w, 3) */
  readonly images: TensorOf<"u8">;
  readonly classes: readonly string[];
};

/** What a round leaves for people to see or to take with them. */
export function createArtefacts(options: {
  readonly blobs: BlobStore;
  readonly runtime: (id: ExperimentId) => Promise<Runtime>;
}) {
  const { blobs, runtime } = options;
  return {
    /** The round's synthetic set; throws `not-found` where there is none. */
    async gallery(id: ExperimentId, round: number): Promise<RoundGallery> {
      const target = await runtime(id);
      const hash = target.rounds.get(round)?.stateHash;
      const state = hash && decodePayload(await blobs.get(hash));
      const found = state && target.server.gallery?.(state);
      if (!state || !found)
        throw new TandemError("not-found", `Round ${round} has no pictures to show.`);
      return {
        gallery: found,
        images: arrayOf(state.arrays, found.images, "u8"),
        classes: (await target.data()).classes,
      };
    },
    /** The adapter that a round has ended with, in PEFT's names; undefined if it has left none. */
    async adapter(id: ExperimentId, round: number): Promise<Arrays | undefined> {
      const { server, rounds } = await runtime(id);
      const { stateHash, endedAt } = rounds.get(round) ?? {};
      if (!server.adapter || endedAt === undefined || !stateHash) return undefined;
      if (!(await blobs.has(stateHash))) return undefined; // someone has made room
      return server.adapter(decodePayload(await blobs.get(stateHash)));
    },
  };
}
