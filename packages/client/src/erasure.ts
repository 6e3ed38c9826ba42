import { codeOf } from "@tandem/core/errors";
import { experimentId } from "@tandem/core/ids";
import type { ClientStore, KeyStore } from "@tandem/core/stores";
import { createKeyPair, deviceKeyOf, eraseStatement } from "@tandem/protocol/device-key";
import type { TandemChannel } from "@tandem/protocol/events";
import { refused } from "./failures";
import { askChallenge, keyNameOf, proven, type Self } from "./own-key";
import { type ClientMemory, openClientMemory, tokensKept } from "./stored-context";

type Keeping = { readonly store: ClientStore; readonly keys: KeyStore };

// Begins the names of keys left behind, and of records beside them: the token of who waits to be let in, else nothing.
const leftOf = (experiment: string) => `${experiment}/left/`;

/**
 * Forgets what a client is, save for the key of one whose answers the server has: only with that can they
 * still be erased.
 */
export async function leaveBehind(
  { store, keys }: Keeping,
  self: Self,
  memory: ClientMemory,
): Promise<void> {
  const name = keyNameOf(self);
  const pair = await keys.get(name);
  const token = (await memory.token()) ?? "";
  const hasAnswered = (await memory.history().catch(() => [])).length > 0; // what cannot be read is of no use
  const waits = token !== "" && (await memory.study().catch(() => undefined)) === undefined;
  if (pair && (hasAnswered || waits)) {
    const left = leftOf(self.experiment) + (await deviceKeyOf(pair)).public;
    await keys.set(left, pair);
    await store.set(left, new TextEncoder().encode(waits ? token : ""));
  }
  await memory.clear();
  await keys.delete(name);
}

/** Whether this browser can have something erased that clients have left behind. */
export const hasLeftBehind = async ({ store }: Pick<Keeping, "store">, experiment: string) =>
  (await store.keys()).some((key) => key.startsWith(leftOf(experiment)));

/** Has the server erase what a client has sent; throws what it answers. */
export async function eraseOnServer(
  { channel, keys }: Pick<Keeping, "keys"> & { readonly channel: Pick<TandemChannel, "request"> },
  { experiment, name, token }: { experiment: string; name: string; token?: string | undefined },
): Promise<void> {
  // A place from before there were keys is whoever's that shows its token.
  const pair = (await keys.get(name)) ?? (await createKeyPair());
  const challenge = await askChallenge(channel);
  const statement = eraseStatement({ experiment, challenge, token });
  const reply = await channel.request("erase", {
    experiment: experimentId(experiment),
    ...(token && { token }),
    key: await proven(await deviceKeyOf(pair), statement),
  });
  if (!reply.ok) throw refused(reply.error);
}

/** All that this browser has sent to an experiment, as whatever client, and what it keeps of these. */
export async function eraseEverything(
  host: Keeping & { readonly channel: Pick<TandemChannel, "request"> },
  experiment: string,
): Promise<void> {
  const { store, keys } = host;
  const failures: unknown[] = [];
  const erase = (
    client: { name: string; token?: string | undefined },
    clear: () => Promise<void>,
  ) =>
    eraseOnServer(host, { experiment, ...client })
      .catch((error) => {
        // Without the experiment there is nothing of it on the server.
        if (codeOf(error) !== "not-found") throw error;
      })
      .then(clear)
      .then(() => keys.delete(client.name))
      .catch((error) => void failures.push(error));
  for (const identity of await tokensKept(store, experiment)) {
    const self = { experiment, identity };
    const memory = openClientMemory(store, self);
    await erase({ name: keyNameOf(self), token: await memory.token() }, memory.clear);
  }
  for (const name of await store.keys()) {
    if (!name.startsWith(leftOf(experiment))) continue;
    const token = new TextDecoder().decode(await store.get(name));
    await erase({ name, token: token === "" ? undefined : token }, () => store.delete(name));
  }
  if (failures.length > 0) throw failures[0];
}
