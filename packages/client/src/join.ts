import { codeOf } from "@tandem/core/errors";
import { experimentId } from "@tandem/core/ids";
import type { Lazy } from "@tandem/core/lazily";
import { type JoinReply, protocolVersion, type TandemRequests } from "@tandem/protocol/events";
import { refused } from "./failures";
import type { JoinOptions } from "./messages";
import { modalityOf, type OwnData } from "./own-data";
import type { OwnEncoder } from "./own-encoder";
import { askChallenge, type OwnKey } from "./own-key";
import type { SessionHost } from "./session-host";
import type { ClientMemory } from "./stored-context";

const askAgainMs = 3000;

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
    readonly isOver: () => boolean;
  },
): () => Promise<JoinReply> {
  const { memory, key, brought, broughtEncoder, isOver } = options;

  /** Asks until it is let in, or refused. */
  async function ask(token?: string): Promise<JoinReply> {
    const reply = await askOnce(token);
    if (reply.ok) return reply;
    if (!("token" in reply) || isOver()) throw refused(reply.error);
    await memory.setToken(reply.token);
    update({ phase: "asking" });
    await new Promise((resolve) => setTimeout(resolve, askAgainMs));
    if (isOver()) throw refused(reply.error);
    return ask(reply.token);
  }

  async function askOnce(token?: string): Promise<TandemRequests["join"]["reply"]> {
    const own = await brought.get();
    const isOfTexts = own !== undefined && modalityOf(own) === "text";
    const encoder = isOfTexts ? undefined : await broughtEncoder.get();
    const challenge = await askChallenge(channel);
    return channel.request("join", {
      version: protocolVersion,
      ...wishOf(options),
      ...(token && { token }),
      key: await key.prove({ challenge, token }),
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
