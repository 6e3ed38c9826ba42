const algorithm = { name: "ECDSA", namedCurve: "P-256" } as const;
const signing = { name: "ECDSA", hash: "SHA-256" } as const;

/** A client's key, of which nobody can read the private half. */
export type DeviceKey = {
  /** The point, uncompressed, as base64url: 87 characters. */
  readonly public: string;
  /** Base64url of r and s: 86 characters. */
  sign(statement: Uint8Array): Promise<string>;
};

/** Made where it is used, and never to leave it. Works in workers, pages of a secure context, and Node. */
export const createKeyPair = (): Promise<CryptoKeyPair> =>
  crypto.subtle.generateKey(algorithm, false, ["sign", "verify"]);

export async function deviceKeyOf({ publicKey, privateKey }: CryptoKeyPair): Promise<DeviceKey> {
  const point = await crypto.subtle.exportKey("raw", publicKey);
  return {
    public: base64url(point),
    sign: async (statement) =>
      base64url(await crypto.subtle.sign(signing, privateKey, statement as BufferSource)),
  };
}

export type JoinStatement = {
  readonly experiment: string;
  /** The server's, for this one join or erasure over this one connection. */
  readonly challenge: string;
  readonly token?: string | undefined;
};

/** UTF-8 of a line each: `tandem join 1`, experiment, challenge, token or nothing. */
export const joinStatement = ({ experiment, challenge, token = "" }: JoinStatement): Uint8Array =>
  lines(["tandem join 1", experiment, challenge, token]);

/** UTF-8 of a line each: `tandem erase 1`, experiment, challenge, token or nothing. */
export const eraseStatement = ({ experiment, challenge, token = "" }: JoinStatement): Uint8Array =>
  lines(["tandem erase 1", experiment, challenge, token]);

export type UploadStatement = {
  readonly experiment: string;
  readonly client: string;
  readonly round: number;
  /** Names of blobs: what was asked, and what is answered. */
  readonly instruction: string;
  readonly hash: string;
};

/** UTF-8 of a line each: `tandem upload 1`, experiment, client, round, instruction, upload. */
export const uploadStatement = (upload: UploadStatement): Uint8Array => {
  const { experiment, client, round, instruction, hash } = upload;
  return lines(["tandem upload 1", experiment, client, String(round), instruction, hash]);
};

/** No field can hold a line break: each has passed the schema of its event. */
const lines = (fields: readonly string[]) => new TextEncoder().encode(fields.join("\n"));

const base64url = (bytes: ArrayBuffer) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
