import { TandemError } from "@tandem/core/errors";
import type { JoinReply } from "@tandem/protocol/events";
import type { OpenedEncoder, SessionHost } from "./session-host";

/** What makes the models of a place: the host, or what opens the study's encoder and trains it. */
export async function modelMakerOf(
  { createModel, openEncoder }: Pick<SessionHost, "createModel" | "openEncoder">,
  { encoder, modality }: Pick<JoinReply, "encoder" | "modality">,
): Promise<Pick<SessionHost, "createModel"> & Partial<OpenedEncoder>> {
  if (!encoder || modality === "text") return { createModel };
  if (openEncoder) return openEncoder(encoder);
  throw new TandemError(
    "not-supported",
    "This study trains an encoder of its own, which is not opened here: take part with a browser.",
  );
}
