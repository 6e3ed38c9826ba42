import { messageOf, TandemError } from "@tandem/core/errors";
import type { ClientStore } from "@tandem/core/stores";
import type { EncoderReference } from "@tandem/core/task";
import { u8 } from "@tandem/core/tensor";
import { decodePayload, encodePayload } from "@tandem/protocol/payload-codec";
import { encoder } from "@tandem/protocol/task";
import * as z from "zod/mini";

/** A LayersModel that a participant brings to be trained; it never leaves its store. */
export type OwnEncoder = {
  /** By their paths beside model.json, which is among them under the name of `manifest`. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly manifest: string;
  /** As the check has found it. */
  readonly pinned: Omit<EncoderReference, "url">;
};

/** Tells one as it is used from another: the same files at another layer have other weights. */
export const pinOf = ({ pinned }: OwnEncoder): string => JSON.stringify(pinned);

/** Shared by all clients of an experiment: whoever joins while it is there trains it. */
export function openOwnEncoder(store: ClientStore, experiment: string) {
  const key = `own-encoder/${experiment}`;
  return {
    /** Undefined where there is none; throws `corrupt` where what is there cannot be read. */
    async read(): Promise<OwnEncoder | undefined> {
      const bytes = await store.get(key);
      if (!bytes) return undefined;
      try {
        return decodeOwnEncoder(bytes);
      } catch (cause) {
        throw new TandemError(
          "corrupt",
          `The model of yours that this browser keeps cannot be read: ${messageOf(cause)}. Remove it and bring it again.`,
          { cause },
        );
      }
    },
    /** In place of what is there. */
    write: (own: OwnEncoder): Promise<void> => store.set(key, encodeOwnEncoder(own)),
    remove: (): Promise<void> => store.delete(key),
  };
}

const record = z.strictObject({
  manifest: z.string(),
  paths: z.array(z.string()),
  pinned: z.omit(encoder, { url: true }),
});

function encodeOwnEncoder({ files, manifest, pinned }: OwnEncoder): Uint8Array {
  const paths = Object.keys(files);
  const arrays = paths.map((path, i) => [`file${i}`, u8([files[path].length], files[path])]);
  return encodePayload({ arrays: Object.fromEntries(arrays), meta: { manifest, paths, pinned } });
}

function decodeOwnEncoder(bytes: Uint8Array): OwnEncoder {
  const { arrays, meta } = decodePayload(bytes);
  const { paths, ...rest } = record.parse(meta);
  const files = paths.map((path, i) => {
    const array = arrays[`file${i}`];
    if (array?.dtype !== "u8") throw new TandemError("bad-data", `${path} is missing`);
    return [path, array.data];
  });
  return { files: Object.fromEntries(files), ...rest };
}
