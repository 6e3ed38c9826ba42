import { lazily } from "@tandem/core/lazily";
import type { KeyStore } from "@tandem/core/stores";
import {
  createKeyPair,
  type DeviceKey,
  deviceKeyOf,
  type JoinStatement,
  joinStatement,
  type UploadStatement,
  uploadStatement,
} from "@tandem/protocol/device-key";
import type { TandemChannel, TandemRequests } from "@tandem/protocol/events";
import { refused } from "./failures";

type ProvenKey = NonNullable<TandemRequests["join"]["request"]["key"]>;

/** What the next join or erasure over this connection signs; throws what the server answers. */
export async function askChallenge(channel: Pick<TandemChannel, "request">): Promise<string> {
  const asked = await channel.request("challenge", {});
  if (!asked.ok) throw refused(asked.error);
  return asked.challenge;
}

/** A key's name, and that it is here. */
export const proven = async (key: DeviceKey, statement: Uint8Array): Promise<ProvenKey> => ({
  public: key.public,
  proof: await key.sign(statement),
});

/** One of this browser's clients of an experiment. */
export type Self = { readonly experiment: string; readonly identity: number };

/** The name under which its key is kept. */
export const keyNameOf = ({ experiment, identity }: Self): string => `${experiment}/${identity}`;

/** One identity's key in an experiment: made when it is first used, and kept before that. */
export type OwnKey = {
  /** For a join. */
  prove(statement: Omit<JoinStatement, "experiment">): Promise<ProvenKey>;
  signUpload(upload: Omit<UploadStatement, "experiment">): Promise<string>;
  forget(): Promise<void>;
};

export function openOwnKey(keys: KeyStore, self: Self): OwnKey {
  const { experiment } = self;
  const name = keyNameOf(self);
  const key = lazily(async () => {
    const kept = await keys.get(name);
    if (kept) return deviceKeyOf(kept);
    const made = await createKeyPair();
    await keys.set(name, made);
    return deviceKeyOf(made);
  });
  return {
    prove: async (statement) =>
      proven(await key.get(), joinStatement({ experiment, ...statement })),
    async signUpload(upload) {
      return (await key.get()).sign(uploadStatement({ experiment, ...upload }));
    },
    forget: () => keys.delete(name),
  };
}
