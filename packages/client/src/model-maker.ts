import { TandemError } from "@tandem/core/errors";
import { trainsEncoder } from "@tandem/core/model";
import type { JoinReply } from "@tandem/protocol/events";
import type { OwnEncoder } from "./own-encoder";
import type { OpenedEncoder, SessionHost } from "./session-host";

/** Whether its models train an encoder that the participant has brought. */
export const trainsOwn = ({ architecture, encoder }: Pick<JoinReply, "architecture" | "encoder">) =>
  trainsEncoder(architecture) && !encoder;

/** What makes the models of a place: the host, or what opens the encoder that they train. */
export async function modelMakerOf(
  { createModel, openEncoder }: Pick<SessionHost, "createModel" | "openEncoder">,
  joined: Pick<JoinReply, "architecture" | "encoder">,
  own: OwnEncoder | undefined,
): Promise<Pick<SessionHost, "createModel"> & Partial<OpenedEncoder>> {
  if (!trainsEncoder(joined.architecture)) return { createModel };
  const encoder = joined.encoder ?? own;
  if (!encoder) throw withoutEncoder();
  if (openEncoder) return openEncoder(encoder);
  throw new TandemError(
    "not-supported",
    "This client trains an encoder, which is not opened here: take part with a browser.",
  );
}

export const withoutEncoder = (): TandemError =>
  new TandemError(
    "not-found",
    "This browser no longer has the model of yours that is trained here: bring the same files again.",
  );
