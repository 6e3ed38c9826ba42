import { TandemError } from "@tandem/core/errors";
import { formatBytes } from "@tandem/core/format";
import type { ExperimentId } from "@tandem/core/ids";
import { mostUploadBytes } from "@tandem/protocol/payload-codec";
import type { BlobUpkeep } from "./ports";

/** What one client may have waiting to be taken, in bytes. */
const mostWaitingBytes = 4 * mostUploadBytes;

/** How much experiments hold, and whether there is room for more. */
export function createBlobRoom(storage: BlobUpkeep | undefined) {
  const used = new Map<ExperimentId, number>();
  const usedBy = (id: ExperimentId) => used.get(id) ?? storage?.usedBytes.get(id) ?? 0;
  const refuse = (message: string): never => {
    throw new TandemError("full", message);
  };
  return {
    count: (id: ExperimentId, bytes: number) => used.set(id, usedBy(id) + bytes),
    forget: (id: ExperimentId) => used.delete(id),
    /** Throws `full` where a client that has so many waiting finds no room for so many more. */
    async require(
      id: ExperimentId,
      { bytes, waiting }: Readonly<Record<"bytes" | "waiting", number>>,
    ): Promise<void> {
      if (!storage) return;
      const { experimentBytes, reserveBytes, freeBytes } = storage;
      if (waiting + bytes > mostWaitingBytes)
        refuse(
          `This client has ${formatBytes(waiting)} waiting to be taken, and may have ${formatBytes(mostWaitingBytes)}: name an upload, or wait for the next round.`,
        );
      if (usedBy(id) + bytes > experimentBytes)
        refuse(
          `This experiment holds ${formatBytes(usedBy(id))} of the ${formatBytes(experimentBytes)} that one may: ask whoever runs the server to start it with a larger --experiment-storage.`,
        );
      const free = await freeBytes();
      if (free - bytes < reserveBytes)
        refuse(
          `The server's disk has ${formatBytes(free)} left, and ${formatBytes(reserveBytes)} of it have to stay free: ask whoever runs it to make room.`,
        );
    },
  };
}
