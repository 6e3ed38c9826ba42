import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** A way to the server that knows no web sockets, or leads nowhere. */
export async function openProxy(target: { readonly port: number; readonly sockets: boolean }) {
  const open = new Set<Socket>();
  let isThrough = true;
  let upgrades = 0;
  const server = createServer((client) => {
    if (!isThrough) return void client.destroy();
    const upstream = connect(target.port, "127.0.0.1");
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
    }
    client.on("data", (bytes: Buffer) => {
      if (target.sockets || !/^upgrade: websocket/im.test(bytes.toString("latin1")))
        return void upstream.write(bytes);
      upgrades++;
      client.destroy();
    });
    upstream.pipe(client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const cut = () => {
    for (const socket of open) socket.destroy();
    open.clear();
  };
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    /** Web sockets that were wished for, and refused. */
    upgrades: () => upgrades,
    lead(through: boolean) {
      isThrough = through;
      if (!through) cut();
    },
    async close() {
      server.close();
      cut();
      await once(server, "close");
    },
  };
}
