import type { ClientState } from "@tandem/client/messages";
import type { StoreApi } from "zustand/vanilla";
import { createParticipant, type Participant } from "./participant";
import { startWorker } from "./start-worker";

/** Whose state goes to this store. */
export const startParticipant = (store: StoreApi<ClientState>): Participant =>
  createParticipant(startWorker, { store });
