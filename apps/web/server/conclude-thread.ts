import { parentPort, type Transferable } from "node:worker_threads";
import { concludeHere } from "@tandem/coordinator/concluding";
import { lazily } from "@tandem/core/lazily";
import { strategyNamed } from "@tandem/strategies/registry";
import type { ToAsked } from "./asked-thread";
import type { ToConcluder } from "./concluders";
import { failureOf } from "./upload-messages";

// The thread of `concluders.ts`: ends rounds, and packs states for the store.

const engine = lazily(async () => {
  const { startNodeEngine } = await import("@tandem/engine/node");
  return startNodeEngine();
});
const aborts = new Map<number, AbortController>();

async function answer(id: number, asked: ToConcluder) {
  const { needs, server } = strategyNamed(asked.strategy);
  const concluder = concludeHere(server(asked.config));
  if (asked.type === "encode") return { state: await concluder.encode(asked.state), metrics: {} };
  if (needs.trainsOnServer) await engine.get();
  const abort = new AbortController();
  aborts.set(id, abort);
  const progress = (fraction: number, note: string) =>
    parentPort?.postMessage({ id, fraction, note });
  return concluder.conclude(asked.given, { signal: abort.signal, progress });
}

parentPort?.on("message", async ({ id, ...asked }: ToAsked<ToConcluder>) => {
  if ("abort" in asked) return aborts.get(id)?.abort();
  try {
    const told = await answer(id, asked);
    const transfer: Transferable[] = [told.state.buffer as ArrayBuffer]; // its own: just encoded
    parentPort?.postMessage({ ok: true, ...told, id }, transfer);
  } catch (error) {
    parentPort?.postMessage({ ...failureOf(error), id });
  } finally {
    aborts.delete(id);
  }
});
