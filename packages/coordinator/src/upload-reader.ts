import type { Payload } from "@tandem/core/payload";
import type { ServerHalf } from "@tandem/core/strategy";
import type { UploadOutline } from "@tandem/core/upload-outline";
import { decodeUpload, unpackPayload } from "@tandem/protocol/payload-codec";
import {
  type AgedUpload,
  createRunningSum,
  createSumNames,
  type Given,
  type NamedUpload,
} from "./running-sum";

/** An upload that lies in the store. */
export type StoredUpload = NamedUpload & {
  /** Asked for when it is the upload's turn. */
  readonly bytes: () => Promise<Uint8Array>;
};

/** Unpacks the uploads of one experiment, in this thread or in another, and none twice if it can be helped. */
export type UploadReader = {
  /** Throws `bad-data`, `bad-upload` or `too-large` with the reason why it is not taken. */
  check(outline: UploadOutline, upload: StoredUpload): Promise<void>;
  /** That a checked upload is about to count in its round. Only makes `sum` faster. */
  taken(round: number, upload: NamedUpload): void;
  /** The accumulator of checked uploads; undefined without any. */
  sum(uploads: readonly (StoredUpload & AgedUpload)[]): Promise<Payload | undefined>;
};

/** Of what is unpacked and not yet asked for, in one thread. */
export const mostKeptBytes = 2 ** 27;

type Uploads = readonly (StoredUpload & AgedUpload)[];
export type ReaderHere = UploadReader & {
  /** What is added up so far, as `RunningSum` gives it. */
  given(uploads: Uploads): Given | undefined;
  add(sum: Payload | undefined, uploads: Uploads): Promise<Payload | undefined>;
};

/** Does it in this thread. */
export function readHere(server: Pick<ServerHalf, "check" | "accumulate">): ReaderHere {
  const names = createSumNames();
  const running = createRunningSum(server, (size) => running.bytes() + size <= mostKeptBytes);

  const given = (uploads: Uploads) => running.give(names.close(), uploads);

  async function add(sum: Payload | undefined, uploads: Uploads) {
    let all = sum;
    for (const { client, age, bytes } of uploads)
      all = server.accumulate(all, { client, age, payload: await unpackPayload(await bytes()) });
    return all;
  }

  return {
    async check(outline, upload) {
      const payload = await decodeUpload(await upload.bytes(), outline);
      server.check(upload.client, payload);
      running.keep(upload, payload);
    },
    taken: (round, upload) => running.take(names.of(round, upload.client.id), upload),
    sum(uploads) {
      const before = given(uploads);
      return add(before?.sum, without(uploads, before?.clients));
    },
    given,
    add,
  };
}

/** Those that none of these clients has answered with. */
export const without = <T extends NamedUpload>(
  uploads: readonly T[],
  clients: readonly string[] = [],
): readonly T[] => {
  const done = new Set(clients);
  return uploads.filter(({ client }) => !done.has(client.id));
};
