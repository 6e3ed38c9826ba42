import type { ClientState } from "@tandem/client/messages";
import type { StoreApi } from "zustand/vanilla";
import { agreed } from "./consent";
import { createParticipant, type Participant } from "./participant";
import { startWorker } from "./start-worker";
import { leftKey, local, studies } from "./study";

/** Whose state goes to this store. */
export function startParticipant(store: StoreApi<ClientState>, experiment: string): Participant {
  store.subscribe(({ sent, identity }, before) => {
    if (sent === before.sent) return;
    if (sent === "kept") local.set(leftKey(experiment), "1");
    // Not of one client alone, but of this whole browser.
    if (sent === "erased" && identity === undefined) {
      local.remove(leftKey(experiment));
      for (const { identity: gone } of studies.of(experiment)) studies.forget(experiment, gone);
      agreed.forget(experiment);
    }
  });
  return createParticipant(startWorker, { store });
}
