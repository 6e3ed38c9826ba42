import type { ClientModality, LabelledSet } from "@tandem/core/data";
import { messageOf, TandemError } from "@tandem/core/errors";
import { heldOutSplit, type Sides } from "@tandem/core/held-out";
import { amountOf, tooMuch } from "@tandem/core/own-bounds";
import type { ClientStore } from "@tandem/core/stores";
import type { BackboneReference } from "@tandem/core/task";
import { u8 } from "@tandem/core/tensor";
import { decodeLabelledSet, encodeLabelledSet } from "@tandem/protocol/labelled-set";
import { decodePayload, encodePayload } from "@tandem/protocol/payload-codec";
import { sha256Hex } from "@tandem/protocol/sha256";
import { backbone as backboneSchema } from "@tandem/protocol/task";
import * as z from "zod/mini";
import { dropSides, ownKey, readSides, sampleKeys, writeSides } from "./own-sides";

/** What a participant has brought for a task; it never leaves its store. */
export type OwnData = {
  readonly train: LabelledSet;
  /** Never trained on. */
  readonly heldOut: LabelledSet;
  /** That has made the features. */
  readonly backbone?: BackboneReference;
  /** Samples in neither: once held out, they lack the picture or caption that others have. */
  readonly aside?: number;
};

/** Shared by all clients of a store: the participant's, for any experiment of the task. */
export function openOwnData(store: ClientStore, task: string) {
  const key = ownKey(task);

  /** Undefined where there is none; throws `corrupt` where what is there cannot be read. */
  async function read(): Promise<OwnData | undefined> {
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
  }

  /** Where nothing is written of them, those of the data itself, if that can be read. */
  async function knownSides(): Promise<Sides> {
    const known = await readSides(store, task);
    if (known) return known;
    const kept = await read().catch(() => undefined); // it is to be replaced
    return kept ? sidesOf(kept) : new Map();
  }

  async function put(data: OwnData, sides: Sides): Promise<void> {
    const bytes = await encodeOwnData(data);
    await decodeOwnData(bytes);
    await writeSides(store, task, sides); // first: what is trained on is known, whatever happens
    await store.set(key, bytes);
  }

  return {
    read,
    /**
     * In place of what is there: a fifth of each class is held out, and what was on one side before, here
     * or in data that was removed while its model stayed, is on it again. `backbone` has made the
     * features. Throws `bad-data` or `too-large` for what cannot be trained on.
     */
    async keep(
      set: LabelledSet,
      { backbone }: { readonly backbone?: BackboneReference | undefined } = {},
    ): Promise<OwnData> {
      check([set], backbone);
      const { sides, aside, ...split } = heldOutSplit(
        set,
        await sampleKeys(set),
        await knownSides(),
      );
      if (set.size > 0 && split.train.size === 0)
        throw bad(
          "all of your samples have been held back before, to measure on, and are never trained on: add others",
        );
      const data = { ...split, ...(aside > 0 && { aside }), ...(backbone && { backbone }) };
      await put(data, sides);
      return data;
    },
    /**
     * As it is split, in place of what is there. Throws `bad-data` unless both sets are of one kind,
     * `conflict` for a sample that is on both sides, or was on the other one before.
     */
    async write(data: OwnData): Promise<void> {
      check([data.train, data.heldOut], data.backbone);
      const known = await knownSides();
      await put(data, new Map([...known, ...(await sidesOf(data, known))]));
    },
    /** Models that have trained on it stay, and then which samples were held out. */
    async remove(): Promise<void> {
      await store.delete(key);
      await dropSides(store);
    },
    /** What it takes, in bytes; undefined where there is none. */
    bytes: async (): Promise<number | undefined> => (await store.get(key))?.length,
  };
}

/** Before anything is copied. */
function check(sets: readonly LabelledSet[], backbone: BackboneReference | undefined): void {
  const surplus = tooMuch(
    amountOf(sets),
    sets.reduce((sum, { size }) => sum + size, 0),
  );
  if (surplus) throw new TandemError("too-large", surplus);
  const odd = sets.find(({ features }) => features && features.shape[1] !== backbone?.features);
  if (odd)
    throw bad(
      `there are ${odd.features?.shape[1]} features of each picture, and ${backbone ? `its backbone makes ${backbone.features}` : "it is not said which backbone made them"}`,
    );
}

async function sidesOf({ train, heldOut }: OwnData, known: Sides = new Map()): Promise<Sides> {
  const sides = new Map(known);
  for (const [set, isHeldOut] of [
    [train, false],
    [heldOut, true],
  ] as const)
    for (const [row, key] of (await sampleKeys(set)).entries()) {
      if ((sides.get(key) ?? isHeldOut) !== isHeldOut)
        throw new TandemError(
          "conflict",
          `sample ${row + 1} of what is ${isHeldOut ? "held out is trained on" : "trained on is held out"}, here or before: keep it on one side`,
        );
      sides.set(key, isHeldOut);
    }
  return sides;
}

/** What the participant holds; the sets have been checked. */
export const modalityOf = ({ train }: OwnData): ClientModality =>
  train.images ? (train.captions ? "image-text" : "image") : "text";

/** One record, so that the sets of two writings never mix. */
async function encodeOwnData(data: OwnData): Promise<Uint8Array> {
  const { train, heldOut, backbone, aside } = data;
  const sets = { train: encodeLabelledSet(train), heldOut: encodeLabelledSet(heldOut) };
  return encodePayload({
    arrays: {
      train: u8([sets.train.length], sets.train),
      heldOut: u8([sets.heldOut.length], sets.heldOut),
    },
    meta: {
      train: await sha256Hex(sets.train),
      heldOut: await sha256Hex(sets.heldOut),
      ...(backbone && { backbone }),
      ...(aside !== undefined && { aside }),
    },
  });
}

const aboutRecord = z.object({
  backbone: z.exactOptional(backboneSchema),
  aside: z.exactOptional(z.int().check(z.minimum(1))),
});
/** Captions lie in it, within the bounds of texts. */
const maxHeaderBytes = 2 ** 27;

async function decodeOwnData(bytes: Uint8Array): Promise<OwnData> {
  const { arrays, meta } = decodePayload(bytes);
  const set = async (name: "train" | "heldOut") => {
    const array = arrays[name];
    if (array?.dtype !== "u8") throw bad(`the ${name} set is missing`);
    if ((await sha256Hex(array.data)) !== meta[name]) throw bad(`the ${name} set has changed`);
    return decodeLabelledSet(array.data, { maxHeaderBytes });
  };
  const about = aboutRecord.safeParse(meta);
  if (!about.success) throw bad("what is said of it is not known");
  const data = { train: await set("train"), heldOut: await set("heldOut"), ...about.data };
  const { train, heldOut } = data;
  if (train.size === 0) throw bad("there is no sample to train on");
  if (!train.images && !train.captions) throw bad("there are neither pictures nor captions");
  const kindOf = ({ images, features, captions }: LabelledSet) =>
    JSON.stringify([images?.shape.slice(1), features?.shape[1], captions !== undefined]);
  if (kindOf(train) !== kindOf(heldOut))
    throw bad("what is trained on and what is held out are not of one kind");
  if (heldOut.present) throw bad("samples that are held out lack a picture or a caption");
  return data;
}

const bad = (what: string) => new TandemError("bad-data", `own data: ${what}`);
