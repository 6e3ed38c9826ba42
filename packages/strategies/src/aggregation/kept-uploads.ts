import type { ClientModality } from "@tandem/core/data";
import type { Payload } from "@tandem/core/payload";
import type { Update } from "@tandem/core/strategy";
import { type Arrays, addPrefix, underPrefix } from "@tandem/core/tensor";
import { claimedSamples } from "./upload-checks";

export type Uploader = {
  readonly id: string;
  readonly samples: number;
  readonly modality: ClientModality;
  readonly age: number;
};

/** An id may be any word, `__proto__` too; with a prefix it is no name that objects give a meaning. */
const uploaderKey = (id: string): string => `client ${id}`;

export const union = (left: Payload, right: Payload): Payload => ({
  arrays: { ...left.arrays, ...right.arrays },
  meta: { ...left.meta, ...right.meta },
});

/** For strategies whose server needs the uploads one by one: each is kept as it is. */
export function keepUpload(
  accumulator: Payload | undefined,
  { client, age, payload }: Update,
): Payload {
  const { id, modality } = client;
  const own: Payload = {
    arrays: addPrefix(`${id}/`, payload.arrays),
    meta: { [uploaderKey(id)]: { id, samples: claimedSamples(client), modality, age } },
  };
  return accumulator ? union(accumulator, own) : own;
}

/** Sorted by name: the order of arrival never changes a bit of the result. */
export const keptUploads = ({
  arrays,
  meta,
}: Payload): readonly { readonly uploader: Uploader; readonly arrays: Arrays }[] =>
  Object.keys(meta)
    .sort()
    .map((key) => {
      const uploader = meta[key] as unknown as Uploader; // by `keepUpload`
      return { uploader, arrays: underPrefix(`${uploader.id}/`, arrays) };
    });
