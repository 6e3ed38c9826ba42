import { TandemError } from "@tandem/core/errors";
import { blobHash, type ExperimentId } from "@tandem/core/ids";
import type { BlobStore } from "@tandem/core/stores";
import type { Gallery } from "@tandem/core/strategy";
import { type Arrays, arrayOf, type TensorOf, takeRows } from "@tandem/core/tensor";
import { type OpenedPayload, openPayload } from "@tandem/protocol/payload-codec";
import { encodeSheet } from "@tandem/protocol/sheet";
import { keptLately } from "./kept-lately";
import type { Runtime } from "./runtime";
import { picturesName } from "./view";

export type RoundGallery = {
  readonly gallery: Gallery;
  /** See `RoundView`. */
  readonly pictures: string;
  /** (N, h, w, 3), of the pictures and of the gallery's lessons, if it has some. */
  readonly shape: readonly number[];
  readonly lessonsShape?: readonly number[];
  readonly classes: readonly string[];
};

/** Which pictures of a round: all, those from `part` x `partSize` on, all lessons, or a row of these. */
export type SheetOf =
  | { readonly of: "images"; readonly part?: number | undefined }
  | { readonly of: "lessons"; readonly row?: "base" | "latest" | undefined };

/** Pictures on one part of a sheet. */
export const partSize = 32;

const mostOpen = 4;
const mostSheetBytes = 32 * 2 ** 20;

/**
 * What a round leaves for people to see or to take with them. A state is opened and not unpacked: of it
 * is read what is asked for, and what has been packed is kept as long as there is room.
 */
export function createArtefacts(options: {
  readonly blobs: BlobStore;
  readonly runtime: (id: ExperimentId) => Promise<Runtime>;
}) {
  const { blobs, runtime } = options;
  const opened = keptLately<OpenedPayload>(mostOpen, () => 1);
  const sheets = keptLately<Uint8Array>(mostSheetBytes, ({ length }) => length);
  const open = (hash: string) =>
    opened(hash, async () => openPayload(await blobs.get(blobHash(hash))));

  /** The hash of the state that a round has ended with, or stands at. */
  async function stateOf(id: ExperimentId, round: number): Promise<string> {
    const hash = (await runtime(id)).rounds.get(round)?.stateHash;
    if (!hash) throw nothingToShow(round);
    return hash;
  }

  async function galleryIn(id: ExperimentId, round: number) {
    const { server } = await runtime(id);
    const state = await stateOf(id, round);
    const file = await open(state);
    const gallery = server.gallery?.(file.payload);
    if (!gallery) throw nothingToShow(round);
    return { gallery, state, file };
  }

  async function packed(id: ExperimentId, round: number, asked: SheetOf): Promise<Uint8Array> {
    const { gallery, file } = await galleryIn(id, round);
    const name = asked.of === "images" ? gallery.images : gallery.lessons?.images;
    if (name === undefined) throw new TandemError("not-found", `Round ${round} shows no lessons.`);
    const rows = rowsOf(asked, gallery, file.shapeOf(name)?.[0] ?? 0);
    const whole = rows ? undefined : file.sheetOf(name);
    if (whole) return whole;
    const images: TensorOf<"u8"> = arrayOf(file.payload.arrays, name, "u8");
    if (rows?.length === 0)
      throw new TandemError(
        "not-found",
        `Round ${round} has no such part: it has ${images.shape[0]} pictures.`,
      );
    return encodeSheet(rows ? takeRows(images, rows) : images);
  }

  return {
    /** Names what a round shows, without a look at it. */
    pictures: async (id: ExperimentId, round: number) => picturesName(await stateOf(id, round)),
    /** The round's synthetic set; throws `not-found` where there is none. */
    async gallery(id: ExperimentId, round: number): Promise<RoundGallery> {
      const { gallery, state, file } = await galleryIn(id, round);
      const lessonsShape = gallery.lessons && file.shapeOf(gallery.lessons.images);
      return {
        gallery,
        pictures: picturesName(state),
        shape: file.shapeOf(gallery.images) ?? [],
        ...(lessonsShape && { lessonsShape }),
        classes: (await (await runtime(id)).data()).classes,
      };
    },
    /** The pictures as one PNG (see `encodeSheet`). */
    async sheet(id: ExperimentId, round: number, asked: SheetOf): Promise<Uint8Array> {
      const key = `${await stateOf(id, round)} ${JSON.stringify(asked)}`;
      return sheets(key, () => packed(id, round, asked));
    },
    /** The adapter that a round has ended with, in PEFT's names; undefined if it has left none. */
    async adapter(id: ExperimentId, round: number): Promise<Arrays | undefined> {
      const { server, rounds } = await runtime(id);
      const { stateHash, endedAt } = rounds.get(round) ?? {};
      if (!server.adapter || endedAt === undefined || !stateHash) return undefined;
      if (!(await blobs.has(stateHash))) return undefined; // someone has made room
      return server.adapter((await open(stateHash)).payload);
    },
  };
}

const nothingToShow = (round: number) =>
  new TandemError("not-found", `Round ${round} has no pictures to show.`);

/** Which rows of the array are asked for; undefined: all. */
function rowsOf(asked: SheetOf, { lessons }: Gallery, count: number): Int32Array | undefined {
  const range = (from: number, to: number) =>
    Int32Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
  if (asked.of === "images") {
    if (asked.part === undefined) return undefined;
    const from = asked.part * partSize;
    return range(from, Math.min(count, from + partSize));
  }
  if (asked.row === undefined || !lessons) return undefined;
  const width = lessons.prompts.length;
  const row = asked.row === "base" ? 0 : lessons.rounds.length - 1;
  return range(row * width, (row + 1) * width);
}
