import { type Line, openLine } from "../harness/line";
import { type ChaosClient, type ChaosClientOptions, startChaosClient } from "./client";

/** Clients in the given places, each on a line of its own. Stopping has all leave, and closes the lines. */
export async function startChaosClients(
  options: Omit<ChaosClientOptions, "slot" | "line" | "onEnd"> & {
    /** Of the server. */
    readonly port: number;
    readonly slots: readonly number[];
    readonly onEnd: (reason: string, slot: number) => void;
  },
): Promise<ChaosClient> {
  const { port, slots, onEnd, ...shared } = options;
  const lines: Line[] = [];
  const clients: ChaosClient[] = [];
  const stop = async () => {
    const left = await Promise.allSettled(clients.map((client) => client.stop()));
    for (const line of lines) await line.close();
    const failed = left.find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") throw failed.reason;
  };
  try {
    for (const slot of slots) {
      const line = await openLine({ port });
      lines.push(line);
      clients.push(
        await startChaosClient({ ...shared, slot, line, onEnd: (reason) => onEnd(reason, slot) }),
      );
    }
  } catch (error) {
    await stop().catch(() => {}); // what broke the start is what there is to tell
    throw error;
  }
  return { stop };
}
