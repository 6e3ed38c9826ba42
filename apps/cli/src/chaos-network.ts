import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A line to the server that can be cut and stalled; every client has its own. */
export type Line = {
  readonly url: string;
  /** Breaks all connections; new ones are let through. */
  cut(): void;
  /** Nothing passes either way for so long, and nobody is told. */
  freeze(ms: number): void;
  close(): Promise<void>;
};

export async function openLine(target: { readonly port: number }): Promise<Line> {
  const sockets = new Set<Socket>();
  let frozenUntil = 0;
  const carry = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.on("data", (bytes: Buffer) => {
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
    const upstream = connect(target.port, "127.0.0.1");
    carry(client, upstream);
    carry(upstream, client);
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
    async close() {
      cut();
      server.close();
      await once(server, "close");
    },
  };
}
