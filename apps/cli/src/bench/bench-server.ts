import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, startServer } from "../harness/server-process";

export type BenchServer = { readonly url: string; readonly metricsToken: string };

/**
 * A server as `npm start` starts it, without pages, on a folder of its own, until `work` is done. It
 * believes this machine as a proxy, so that clients have addresses of their own.
 */
export async function withBenchServer<T>(
  { postgres }: { readonly postgres?: string },
  work: (server: BenchServer) => Promise<T>,
): Promise<T> {
  const metricsToken = randomBytes(24).toString("base64url");
  const directory = await mkdtemp(join(tmpdir(), "tandem-bench-"));
  try {
    const server = await startServer({
      port: await freePort(),
      directory,
      apiOnly: true,
      flags: [
        ...["--host", "127.0.0.1", "--trust-proxy", "127.0.0.1"],
        ...["--messages-per-client", "10000", "--log-level", "warn"],
      ],
      environment: {
        TANDEM_METRICS_TOKEN: metricsToken,
        ...(postgres && { TANDEM_DATABASE_URL: postgres }),
      },
    });
    try {
      return await work({ url: server.url, metricsToken });
    } finally {
      await server.stop();
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
