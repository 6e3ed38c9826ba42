import { lazily } from "@tandem/core/lazily";
import type { KeyStore } from "@tandem/core/stores";
import {
  createKeyPair,
  deviceKeyOf,
  type JoinStatement,
  joinStatement,
  type UploadStatement,
  uploadStatement,
} from "@tandem/protocol/device-key";
import type { TandemRequests } from "@tandem/protocol/events";

export type ProvenKey = NonNullable<TandemRequests["join"]["request"]["key"]>;

/** One of this browser's clients of an experiment. */
export type Self = { readonly experiment: string; readonly identity: number };

/** The name under which its key is kept. */
export const keyNameOf = ({ experiment, identity }: Self): string => `${experiment}/${identity}`;

/** One identity's key in an experiment: made when it is first used, and kept before that. */
export type OwnKey = {
  /** Its name, and that it is here. */
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
    async prove(statement) {
      const own = await key.get();
      return {
        public: own.public,
        proof: await own.sign(joinStatement({ experiment, ...statement })),
      };
    },
    async signUpload(upload) {
      return (await key.get()).sign(uploadStatement({ experiment, ...upload }));
    },
    forget: () => keys.delete(name),
  };
}
