import { TandemError } from "@tandem/core/errors";
import type { ExperimentId } from "@tandem/core/ids";
import type { BlobStore } from "@tandem/core/stores";
import type { Gallery } from "@tandem/core/strategy";
import { type Arrays, arrayOf, type TensorOf } from "@tandem/core/tensor";
import { encodeSheet } from "@tandem/protocol/sheet";
import { decodedStates } from "./decoded-states";
import type { Runtime } from "./runtime";

export type RoundGallery = {
  readonly gallery: Gallery;
  /** (N, h, w, 3) */
  readonly images: TensorOf<"u8">;
  /** Of the gallery's lessons, if it has some. */
  readonly lessons?: TensorOf<"u8">;
  readonly classes: readonly string[];
};

/**
 * What a round leaves for people to see or to take with them. Of all experiments the last state that was
 * asked for stays decoded, and the last sheet packed: pages ask for a round's list and sheet at once.
 */
export function createArtefacts(options: {
  readonly blobs: BlobStore;
  readonly runtime: (id: ExperimentId) => Promise<Runtime>;
}) {
  const { blobs, runtime } = options;
  const load = decodedStates(blobs);
  let packed: { readonly images: TensorOf<"u8">; readonly sheet: Uint8Array } | undefined;

  /** The round's synthetic set; throws `not-found` where there is none. */
  async function gallery(id: ExperimentId, round: number): Promise<RoundGallery> {
    const target = await runtime(id);
    const hash = target.rounds.get(round)?.stateHash;
    const state = hash && (await load(hash));
    const found = state && target.server.gallery?.(state);
    if (!state || !found)
      throw new TandemError("not-found", `Round ${round} has no pictures to show.`);
    return {
      gallery: found,
      images: arrayOf(state.arrays, found.images, "u8"),
      ...(found.lessons && { lessons: arrayOf(state.arrays, found.lessons.images, "u8") }),
      classes: (await target.data()).classes,
    };
  }

  return {
    gallery,
    /** The pictures of `gallery` as one PNG (see `encodeSheet`), or those of its lessons. */
    async sheet(
      id: ExperimentId,
      round: number,
      of: "images" | "lessons" = "images",
    ): Promise<Uint8Array> {
      const { [of]: images } = await gallery(id, round);
      if (!images) throw new TandemError("not-found", `Round ${round} shows no lessons.`);
      if (packed?.images !== images) packed = { images, sheet: encodeSheet(images) };
      return packed.sheet;
    },
    /** The adapter that a round has ended with, in PEFT's names; undefined if it has left none. */
    async adapter(id: ExperimentId, round: number): Promise<Arrays | undefined> {
      const { server, rounds } = await runtime(id);
      const { stateHash, endedAt } = rounds.get(round) ?? {};
      if (!server.adapter || endedAt === undefined || !stateHash) return undefined;
      if (!(await blobs.has(stateHash))) return undefined; // someone has made room
      return server.adapter(await load(stateHash));
    },
  };
}
