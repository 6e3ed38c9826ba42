import type { LabelledSet } from "@tandem/core/data";
import { messageOf, TandemError } from "@tandem/core/errors";
import type { Sides } from "@tandem/core/held-out";
import { isPresent } from "@tandem/core/presence";
import type { ClientStore } from "@tandem/core/stores";
import { concatenated, u8 } from "@tandem/core/tensor";
import { decodePayload, encodePayload } from "@tandem/protocol/payload-codec";
import { sha256Hex } from "@tandem/protocol/sha256";
import { decodeStudy, studyName } from "./kept-study";

/** Of one task, over all that was ever brought for it. */
const mostSides = 2 ** 20;
const keyBytes = 16;
const prefix = "own-sides/";
export const ownKey = (task: string): string => `own/${task}`;

/** What each sample is, whatever its class: the hash of its picture, or of its caption where it has none. */
export const sampleKeys = (set: LabelledSet): Promise<readonly string[]> =>
  Promise.all(
    Array.from(set.labels.keys(), async (row) => {
      const { images, captions = [] } = set;
      const stride = images ? images.data.length / set.size : 0;
      const bytes =
        images && isPresent(set, "image", row)
          ? images.data.subarray(row * stride, (row + 1) * stride)
          : new TextEncoder().encode(captions[row]);
      return (await sha256Hex(bytes)).slice(0, 2 * keyBytes);
    }),
  );

/** Undefined where nothing is known; throws `corrupt`. */
export async function readSides(store: ClientStore, task: string): Promise<Sides | undefined> {
  const bytes = await store.get(prefix + task);
  if (!bytes) return undefined;
  try {
    const { arrays, meta } = decodePayload(bytes, { maxBytes: 2 ** 25 });
    const { keys, sides } = arrays;
    if (keys?.dtype !== "u8" || sides?.dtype !== "u8") throw new Error("they are missing");
    if (keys.data.length !== keyBytes * sides.data.length) throw new Error("they are cut off");
    if ((await digest(keys.data, sides.data)) !== meta.sha256) throw new Error("they have changed");
    return new Map(Array.from(sides.data, (side, i) => [keyAt(keys.data, i), side === 1]));
  } catch (cause) {
    throw new TandemError(
      "corrupt",
      `It cannot be read which of your samples were held back: ${messageOf(cause)}. Delete your data, leave the experiments of this study in this browser, and bring it again.`,
      { cause },
    );
  }
}

/** Throws `full` for more than anybody brings. */
export async function writeSides(store: ClientStore, task: string, known: Sides): Promise<void> {
  if (known.size > mostSides)
    throw new TandemError(
      "full",
      `This browser remembers ${known.size} samples that you brought for this study, and ${mostSides} are the most: leave its experiments here, delete your data, and bring it again.`,
    );
  const keys = new Uint8Array(keyBytes * known.size);
  for (const [i, key] of Array.from(known.keys()).entries())
    for (let byte = 0; byte < keyBytes; byte++)
      keys[keyBytes * i + byte] = Number.parseInt(key.slice(2 * byte, 2 * byte + 2), 16);
  const sides = Uint8Array.from(known.values(), Number);
  const bytes = encodePayload({
    arrays: { keys: u8([known.size, keyBytes], keys), sides: u8([known.size], sides) },
    meta: { sha256: await digest(keys, sides) },
  });
  await store.set(prefix + task, bytes);
}

const keyAt = (keys: Uint8Array, i: number) =>
  Array.from(keys.subarray(keyBytes * i, keyBytes * (i + 1)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");

const digest = (keys: Uint8Array, sides: Uint8Array) =>
  sha256Hex(concatenated(Uint8Array, [keys, sides]));

/** Forgets the sides of tasks for which this browser keeps neither data nor a model that trained on it. */
export async function dropSides(store: ClientStore): Promise<void> {
  const keys = await store.keys();
  const unused = keys.filter(
    (key) => key.startsWith(prefix) && !keys.includes(ownKey(key.slice(prefix.length))),
  );
  if (unused.length === 0) return;
  const studies = keys.filter(
    (key) => key.endsWith(`/${studyName}`) && key.split("/").length === 3,
  );
  const tasks = await Promise.all(studies.map(async (key) => taskOf(await store.get(key))));
  if (tasks.includes("unknown")) return;
  for (const key of unused) if (!tasks.includes(key.slice(prefix.length))) await store.delete(key);
}

function taskOf(study: Uint8Array | undefined): string | undefined {
  try {
    return study && decodeStudy(study).task;
  } catch {
    return "unknown"; // no task's id; it may be of any
  }
}
