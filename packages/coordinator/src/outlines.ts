import type { Payload } from "@tandem/core/payload";
import type { ClientInfo, ServerHalf } from "@tandem/core/strategy";
import type { UploadOutline } from "@tandem/core/upload-outline";

/** Rounds that can be answered at a time, with room for late answers. */
const mostStates = 8;

export type Outlines = (
  hash: string,
  client: ClientInfo,
  load: () => Promise<Payload>,
) => Promise<UploadOutline>;

/** Remembers what each client's answer to a state must hold: refused answers do not have it decoded again. */
export function createOutlines({ outline }: Pick<ServerHalf, "outline">): Outlines {
  const known = new Map<string, Map<string, UploadOutline>>();
  return async (hash, client, load) => {
    const of = known.get(hash) ?? new Map<string, UploadOutline>();
    const { id, modality, architecture } = client;
    const key = `${id} ${modality} ${architecture}`;
    const found = of.get(key);
    if (found) return found;
    const made = outline(await load(), client);
    if (!known.has(hash) && known.size === mostStates)
      for (const oldest of known.keys()) {
        known.delete(oldest);
        break;
      }
    known.set(hash, of.set(key, made));
    return made;
  };
}
