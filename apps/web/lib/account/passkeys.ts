import type { MeView } from "@tandem/protocol/view";
import { post } from "../request";

/** Whether this browser and this address have passkeys: they are bound to one host, which has a name. */
export const hasPasskeys = ({ passkeyHost }: Pick<MeView, "passkeyHost">): boolean =>
  location.hostname === passkeyHost &&
  !/^([\d.]+|\[.*\])$/.test(passkeyHost) &&
  typeof PublicKeyCredential === "function" &&
  typeof PublicKeyCredential.parseRequestOptionsFromJSON === "function";

export async function signInWithPasskey(): Promise<void> {
  const asked = await post<PublicKeyCredentialRequestOptionsJSON>("/api/sign-in/passkey/options");
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked);
  await post("/api/sign-in/passkey", {
    response: answerOf(await navigator.credentials.get({ publicKey })),
  });
}

export async function addPasskey(name: string): Promise<void> {
  const asked = await post<PublicKeyCredentialCreationOptionsJSON>("/api/me/passkeys/options");
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(asked);
  const response = answerOf(await navigator.credentials.create({ publicKey }));
  await post("/api/me/passkeys", { response, name });
}

function answerOf(credential: Credential | null): unknown {
  if (credential instanceof PublicKeyCredential) return credential.toJSON();
  throw new Error("The browser gave no passkey.");
}
