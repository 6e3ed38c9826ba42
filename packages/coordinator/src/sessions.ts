import type { TandemConnection } from "@tandem/protocol/events";
import { openSession, type SessionOptions } from "./session";

/** All connections, whether they have joined or only watch. */
export function createSessions(options: SessionOptions) {
  const connections = new Set<TandemConnection>();
  return {
    connect(connection: TandemConnection): void {
      connections.add(connection);
      connection.onClose(() => connections.delete(connection));
      openSession(options, connection);
    },
    announceRestart(afterMs: number): void {
      for (const connection of connections) connection.send("restart", { afterMs });
    },
  };
}
