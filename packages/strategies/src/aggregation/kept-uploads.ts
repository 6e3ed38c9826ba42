import type { ClientModality } from "@tandem/core/data";
import type { Payload } from "@tandem/core/payload";
import type { Update } from "@tandem/core/strategy";
import type { Arrays, TensorData } from "@tandem/core/tensor";
import { claimedSamples } from "./upload-checks";

export type Uploader = {
  readonly id: string;
  readonly samples: number;
  readonly modality: ClientModality;
  readonly age: number;
};
type Entry = Uploader & { readonly names: readonly string[] };

/** An id may be any word, `__proto__` too; with a prefix it is no name that objects give a meaning. */
const uploaderKey = (id: string): string => `client ${id}`;

/** `left`, to which all of `right` is added: a copy for each answer would take as long as all before it. */
export function union(left: Payload, right: Payload): Payload {
  Object.assign(left.arrays, right.arrays);
  Object.assign(left.meta, right.meta);
  return left;
}

/** For strategies whose server needs the uploads one by one: each is kept as it is, and the accumulator added to. */
export function keepUpload(
  accumulator: Payload | undefined,
  { client, age, payload }: Update,
): Payload {
  const { id, modality } = client;
  const names = Object.keys(payload.arrays);
  const entry: Entry = { id, samples: claimedSamples(client), modality, age, names };
  const own: Payload = {
    arrays: Object.fromEntries(names.map((name) => [`${id}/${name}`, alone(payload.arrays[name])])),
    meta: { [uploaderKey(id)]: entry },
  };
  return accumulator ? union(accumulator, own) : own;
}

/** A view of a larger buffer would keep all of it. */
const alone = (array: TensorData): TensorData =>
  array.data.byteLength === array.data.buffer.byteLength
    ? array
    : ({ ...array, data: array.data.slice() } as TensorData); // of the same kind

export type KeptUpload = { readonly uploader: Uploader; readonly arrays: Arrays };

/** Sorted by name: the order of arrival never changes a bit of the result. */
export const keptUploads = ({ arrays, meta }: Payload): readonly KeptUpload[] =>
  Object.keys(meta)
    .sort()
    .map((key) => {
      const { names, ...uploader } = meta[key] as unknown as Entry; // by `keepUpload`
      const own = names.map((name) => [name, arrays[`${uploader.id}/${name}`]] as const);
      return { uploader, arrays: Object.fromEntries(own) };
    });
