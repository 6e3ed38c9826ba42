import { TandemError } from "@tandem/core/errors";
import type { JoinReply } from "@tandem/protocol/events";
import type { SessionHost } from "./session-host";

/** What makes the models of a place: the host's, or those that train the study's encoder, which is opened. */
export async function modelMakerOf(
  { createModel, openEncoder }: Pick<SessionHost, "createModel" | "openEncoder">,
  { encoder, modality }: Pick<JoinReply, "encoder" | "modality">,
): Promise<SessionHost["createModel"]> {
  if (!encoder || modality === "text") return createModel;
  if (openEncoder) return openEncoder(encoder);
  throw new TandemError(
    "not-supported",
    "This study trains an encoder of its own, which is not opened here: take part with a browser.",
  );
}
