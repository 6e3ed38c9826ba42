import { generateKeyPairSync, sign } from "node:crypto";
import { blobHash } from "@tandem/core/ids";
import { type DeviceKey, joinStatement, uploadStatement } from "@tandem/protocol/device-key";
import type { TandemChannel, TandemRequests } from "@tandem/protocol/events";

type Join = TandemRequests["join"];
type Upload = TandemRequests["upload"];
export type Signing = TandemChannel & {
  /** Signed, as the answer to what has come last for this round; and then, perhaps, altered. */
  upload(
    upload: Omit<Upload["request"], "instruction" | "signature">,
    altered?: Partial<Upload["request"]>,
  ): Promise<Upload["reply"]>;
};

export type TestKey = DeviceKey & { readonly signNow: (statement: Uint8Array) => string };

/** Signs without waiting, as a clock that is set by hand does not wait. */
export function testKey(): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const point = [Buffer.of(4), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")];
  const key = { key: privateKey, dsaEncoding: "ieee-p1363" } as const;
  const signNow = (statement: Uint8Array) => sign("sha256", statement, key).toString("base64url");
  return {
    public: Buffer.concat(point).toString("base64url"),
    signNow,
    sign: async (statement) => signNow(statement),
  };
}
/** Of the device that all clients of a test are on. */
export const sharedKey = testKey();

/** A join with the signed challenge of the connection that `ask` asks over. */
export async function signedJoin(
  ask: (
    event: "challenge",
    body: Record<string, never>,
  ) => Promise<TandemRequests["challenge"]["reply"]>,
  body: Join["request"],
  key: TestKey = sharedKey,
): Promise<Join["request"]> {
  const reply = await ask("challenge", {});
  if (!reply.ok) throw new Error(reply.error.message);
  const { experiment, token } = body;
  const statement = joinStatement({ experiment, challenge: reply.challenge, token });
  return { ...body, key: { public: key.public, proof: key.signNow(statement) } };
}

/** A channel over which joins are signed for whoever writes them. */
export function signing(channel: TandemChannel, key: TestKey = sharedKey): Signing {
  const asked = new Map<number, string>();
  let self = { experiment: "", client: "" };
  channel.on("instruct", ({ round, hash }) => void asked.set(round, hash));
  return {
    ...channel,
    async request<K extends keyof TandemRequests & string>(
      event: K,
      body: TandemRequests[K]["request"],
    ) {
      if (event !== "join") return channel.request(event, body);
      const join = await signedJoin(channel.request, body as Join["request"], key);
      const reply = await channel.request("join", join);
      if (reply.ok) self = { experiment: join.experiment, client: reply.client };
      return reply as TandemRequests[K]["reply"];
    },
    upload(upload, altered = {}) {
      const instruction = blobHash(asked.get(upload.round) ?? "0".repeat(64));
      const own = { ...upload, instruction };
      const signature = key.signNow(uploadStatement({ ...self, ...own }));
      return channel.request("upload", { ...own, signature, ...altered });
    },
  };
}
