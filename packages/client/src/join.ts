import { codeOf } from "@tandem/core/errors";
import { experimentId } from "@tandem/core/ids";
import type { Lazy } from "@tandem/core/lazily";
import { type JoinReply, protocolVersion } from "@tandem/protocol/events";
import { refused } from "./failures";
import type { JoinOptions } from "./messages";
import { modalityOf, type OwnData } from "./own-data";
import type { OwnEncoder } from "./own-encoder";
import type { OwnKey } from "./own-key";
import type { SessionHost } from "./session-host";
import type { ClientMemory } from "./stored-context";

export type Wanted = Pick<
  JoinOptions,
  "experiment" | "modality" | "slot" | "name" | "invitation" | "consent"
>;

/** Asks for a place over the present connection: for the one before, where its key is still here. */
export function createJoin(
  { channel, device, capability, update }: SessionHost,
  options: Wanted & {
    readonly memory: ClientMemory;
    readonly key: OwnKey;
    readonly brought: Lazy<OwnData | undefined>;
    readonly broughtEncoder: Lazy<OwnEncoder | undefined>;
  },
): () => Promise<JoinReply> {
  const { memory, key, brought, broughtEncoder } = options;

  async function ask(token?: string): Promise<JoinReply> {
    const own = await brought.get();
    const isOfTexts = own !== undefined && modalityOf(own) === "text";
    const encoder = isOfTexts ? undefined : await broughtEncoder.get();
    const asked = await channel.request("challenge", {});
    if (!asked.ok) throw refused(asked.error);
    const reply = await channel.request("join", {
      version: protocolVersion,
      ...wishOf(options),
      ...(token && { token }),
      key: await key.prove({ challenge: asked.challenge, token }),
      device,
      ...(encoder && { ownEncoder: true as const }),
      ...(own && {
        own: {
          modality: modalityOf(own),
          samples: own.train.size,
          heldOut: own.heldOut.size,
          ...(capability && { device: capability }),
        },
      }),
    });
    if (!reply.ok) throw refused(reply.error);
    return reply;
  }

  return async () => {
    const known = await memory.token();
    try {
      return await ask(known);
    } catch (error) {
      if (known === undefined || codeOf(error) !== "unauthorised") throw error;
      await memory.setToken(undefined);
      const message = "This browser has lost the key of its place: it takes part as a new client.";
      update({ error: { code: "unauthorised", message } });
      return ask();
    }
  };
}

const wishOf = ({ experiment, modality, slot, name, invitation, consent }: Wanted) => ({
  experiment: experimentId(experiment),
  ...(modality && { modality }),
  ...(slot !== undefined && { slot }),
  ...(name && { name }),
  ...(invitation && { invitation }),
  ...(consent && { consent }),
});
