import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A line to the server that can be cut and stalled; every client has its own. */
export type Line = {
  readonly url: string;
  /** Breaks all connections; new ones are let through. */
  cut(): void;
  /** Nothing passes either way for so long, and nobody is told. */
  freeze(ms: number): void;
  /** Flips a bit in the middle of the next longer piece that the client sends. */
  corrupt(): void;
  close(): Promise<void>;
};

export async function openLine(target: {
  readonly port: number;
  readonly host?: string;
}): Promise<Line> {
  const sockets = new Set<Socket>();
  let frozenUntil = 0;
  let isCorrupting = false;
  const carry = (from: Socket, to: Socket, isUp: boolean) => {
    sockets.add(from);
    from.on("data", (bytes: Buffer) => {
      if (isUp && isCorrupting && bytes.length >= 1024) {
        bytes[bytes.length >> 1] ^= 1;
        isCorrupting = false;
      }
      const wait = frozenUntil - Date.now();
      if (wait <= 0) return void to.write(bytes);
      from.pause();
      setTimeout(() => {
        to.write(bytes);
        from.resume();
      }, wait);
    });
    from.on("error", () => to.destroy());
    from.on("close", () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const server = createServer((client) => {
    const upstream = connect(target.port, target.host ?? "127.0.0.1");
    carry(client, upstream, true);
    carry(upstream, client, false);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut,
    freeze(ms) {
      frozenUntil = Date.now() + ms;
    },
    corrupt() {
      isCorrupting = true;
    },
    async close() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
