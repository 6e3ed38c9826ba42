import type { Modality } from "@tandem/core/data";
import type { JsonObject } from "@tandem/core/json";
import type { Payload } from "@tandem/core/payload";
import { arrayOf, f64, type TensorData } from "@tandem/core/tensor";

/** a_k (C,) of each client, by the modality that it answers in (docs/algorithm.md A6). */
export type Beliefs = Readonly<Record<Modality, ReadonlyMap<string, ArrayLike<number>>>>;

const modalities = ["image", "text"] as const;

export const noBeliefs: Beliefs = { image: new Map(), text: new Map() };

const each = (
  beliefs: Beliefs,
  make: (own: Beliefs[Modality], modality: Modality) => Beliefs[Modality],
): Beliefs => ({ image: make(beliefs.image, "image"), text: make(beliefs.text, "text") });

/** Those of `later` where both have them. */
export const withBeliefs = (beliefs: Beliefs, later: Beliefs): Beliefs =>
  each(beliefs, (own, modality) => new Map([...own, ...later[modality]]));

export const beliefsAbout = (beliefs: Beliefs, isMeant: (client: string) => boolean): Beliefs =>
  each(beliefs, (own) => new Map([...own].filter(([client]) => isMeant(client))));

/** Reads `reliability/<modality>` (K, C), whose rows meta names; and one array a client, as it was once. */
export function readBeliefs({ arrays, meta }: Pick<Payload, "arrays" | "meta">): Beliefs {
  const ids = (meta.believed ?? {}) as unknown as Partial<Record<Modality, readonly string[]>>; // by `writeBeliefs`
  const known = each(noBeliefs, (_, modality) => {
    const own = ids[modality] ?? [];
    if (own.length === 0) return new Map();
    const { data, shape } = arrayOf(arrays, `reliability/${modality}`, "f64");
    return new Map(own.map((id, k) => [id, data.subarray(k * shape[1], (k + 1) * shape[1])]));
  });
  const once = each(noBeliefs, (_, modality) => {
    const [start, end] = ["reliability/", `/${modality}`];
    const names = Object.keys(arrays).filter(
      (name) => name.startsWith(start) && name.endsWith(end),
    );
    const idOf = (name: string) => name.slice(start.length, -end.length);
    // The matrix's own name ends in the modality too, right behind the start.
    const single = names.filter((name) => name.length > start.length + end.length);
    return new Map(single.map((name) => [idOf(name), arrayOf(arrays, name, "f64").data]));
  });
  return withBeliefs(once, known);
}

/** In the order of names, so that the same beliefs are the same bytes. */
export function writeBeliefs(beliefs: Beliefs): Pick<Payload, "arrays" | "meta"> {
  const arrays: Record<string, TensorData> = {};
  const ids: Record<string, readonly string[]> = {};
  for (const modality of modalities) {
    const own = [...beliefs[modality]].sort(([a], [b]) => (a < b ? -1 : 1));
    if (own.length === 0) continue;
    ids[modality] = own.map(([id]) => id);
    const rows = own.flatMap(([, row]) => Array.from(row));
    arrays[`reliability/${modality}`] = f64([own.length, rows.length / own.length], rows);
  }
  const meta: JsonObject = Object.keys(ids).length > 0 ? { believed: ids } : {};
  return { arrays, meta };
}
