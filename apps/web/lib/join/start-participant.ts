import type { ClientState } from "@tandem/client/messages";
import type { StoreApi } from "zustand/vanilla";
import { createParticipant, type Participant } from "./participant";
import type { ClientWorker } from "./worker-slot";

const startWorker = (): ClientWorker =>
  new Worker(new URL("./client-worker.ts", import.meta.url), { type: "module" });

/** Whose state goes to this store. */
export const startParticipant = (store: StoreApi<ClientState>): Participant =>
  createParticipant(startWorker, { store });
