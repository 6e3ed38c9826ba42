import type { ClientModality, LabelledSet } from "@tandem/core/data";
import { messageOf, TandemError } from "@tandem/core/errors";
import type { ClientStore } from "@tandem/core/stores";
import { u8 } from "@tandem/core/tensor";
import { decodeLabelledSet, encodeLabelledSet } from "@tandem/protocol/labelled-set";
import { decodePayload, encodePayload } from "@tandem/protocol/payload-codec";
import { sha256Hex } from "@tandem/protocol/sha256";

/** What a participant has brought for a task; it never leaves its store. */
export type OwnData = {
  readonly train: LabelledSet;
  /** Never trained on. */
  readonly heldOut: LabelledSet;
};

/** Shared by all clients of a store: the participant's, for any experiment of the task. */
export function openOwnData(store: ClientStore, task: string) {
  const key = `own/${task}`;
  return {
    /** Undefined where there is none; throws `corrupt` where what is there cannot be read. */
    async read(): Promise<OwnData | undefined> {
      const bytes = await store.get(key);
      if (!bytes) return undefined;
      try {
        return await decodeOwnData(bytes);
      } catch (cause) {
        throw new TandemError(
          "corrupt",
          `The data that this browser keeps for the study cannot be read: ${messageOf(cause)}. Remove it and add it again.`,
          { cause },
        );
      }
    },
    /** In place of what is there. Throws `bad-data` unless both sets are of one kind. */
    async write(data: OwnData): Promise<void> {
      const bytes = await encodeOwnData(data);
      await decodeOwnData(bytes);
      await store.set(key, bytes);
    },
    remove: (): Promise<void> => store.delete(key),
    /** What it takes, in bytes; undefined where there is none. */
    bytes: async (): Promise<number | undefined> => (await store.get(key))?.length,
  };
}

/** What the participant holds; the sets have been checked. */
export const modalityOf = ({ train }: OwnData): ClientModality =>
  train.images ? (train.captions ? "image-text" : "image") : "text";

/** One record, so that the sets of two writings never mix. */
async function encodeOwnData({ train, heldOut }: OwnData): Promise<Uint8Array> {
  const sets = { train: encodeLabelledSet(train), heldOut: encodeLabelledSet(heldOut) };
  return encodePayload({
    arrays: {
      train: u8([sets.train.length], sets.train),
      heldOut: u8([sets.heldOut.length], sets.heldOut),
    },
    meta: { train: await sha256Hex(sets.train), heldOut: await sha256Hex(sets.heldOut) },
  });
}

async function decodeOwnData(bytes: Uint8Array): Promise<OwnData> {
  const { arrays, meta } = decodePayload(bytes);
  const set = async (name: keyof OwnData) => {
    const array = arrays[name];
    if (array?.dtype !== "u8") throw bad(`the ${name} set is missing`);
    if ((await sha256Hex(array.data)) !== meta[name]) throw bad(`the ${name} set has changed`);
    return decodeLabelledSet(array.data);
  };
  const data = { train: await set("train"), heldOut: await set("heldOut") };
  const { train, heldOut } = data;
  if (train.size === 0) throw bad("there is no sample to train on");
  if (!train.images && !train.captions) throw bad("there are neither pictures nor captions");
  const kindOf = ({ images, captions }: LabelledSet) =>
    JSON.stringify([images?.shape.slice(1), captions !== undefined]);
  if (kindOf(train) !== kindOf(heldOut))
    throw bad("what is trained on and what is held out are not of one kind");
  if (heldOut.present) throw bad("samples that are held out lack a picture or a caption");
  return data;
}

const bad = (what: string) => new TandemError("bad-data", `own data: ${what}`);
