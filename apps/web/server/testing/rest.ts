import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { local } from "../accounts/accounts";
import { createRouter, type Route } from "../router";

/** Routes behind a port until the test ends, and ways to ask them. */
export async function serveRest(routes: readonly Route[]) {
  const server = createServer(
    createRouter(
      routes,
      (_, __, run) => run({ visitor: local, note: () => {} }),
      (error) => console.error(error),
    ),
  );
  server.listen(0);
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo; // a TCP server's
  const ask = (method: string, path: string, body?: string | Uint8Array) =>
    fetch(`http://127.0.0.1:${port}/api/${path}`, {
      method,
      ...(body && { body: Buffer.from(body) }),
    });
  return {
    ask,
    /** The answer; throws what was refused. */
    async given<T>(...asked: Parameters<typeof ask>): Promise<T> {
      const response = await ask(...asked);
      if (!response.ok) throw new Error(await response.text());
      return (await response.json()) as T;
    },
    /** Status, code and message. */
    async refusal(...asked: Parameters<typeof ask>): Promise<string> {
      const response = await ask(...asked);
      const { error } = (await response.json()) as { error: { code: string; message: string } };
      return `${response.status} ${error.code} ${error.message}`;
    },
  };
}
