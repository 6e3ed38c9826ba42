import type { Payload } from "@tandem/core/payload";
import type { ClientInfo, ServerHalf } from "@tandem/core/strategy";
import type { UploadOutline } from "@tandem/core/upload-outline";
import { decodeUpload, unpackPayload } from "@tandem/protocol/payload-codec";

/** An upload that lies in the store. */
export type StoredUpload = {
  readonly client: ClientInfo;
  /** Asked for when it is the upload's turn. */
  readonly bytes: () => Promise<Uint8Array>;
};

/** Unpacks the uploads of one experiment, in this thread or in another. */
export type UploadReader = {
  /** Throws `bad-data`, `bad-upload` or `too-large` with the reason why it is not taken. */
  check(outline: UploadOutline, upload: StoredUpload): Promise<void>;
  /** The accumulator of checked uploads, in this order; undefined without any. */
  sum(uploads: readonly (StoredUpload & { readonly age: number })[]): Promise<Payload | undefined>;
};

/** Does it in this thread. */
export function readHere(server: Pick<ServerHalf, "check" | "accumulate">): UploadReader {
  return {
    async check(outline, { client, bytes }) {
      server.check(client, await decodeUpload(await bytes(), outline));
    },
    async sum(uploads) {
      let sum: Payload | undefined;
      for (const { client, age, bytes } of uploads)
        sum = server.accumulate(sum, { client, age, payload: await unpackPayload(await bytes()) });
      return sum;
    },
  };
}
