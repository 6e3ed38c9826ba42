import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))));

export type ServerProcess = {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** What it has printed so far. */
  output(): string;
  /** Settles with the exit code once it has ended; null after a signal. */
  readonly exited: Promise<number | null>;
  /** Asks it to end, and waits. */
  stop(): Promise<void>;
  /** SIGKILL, and waits. */
  kill(): Promise<void>;
};

export type ServerOptions = {
  readonly port: number;
  readonly directory: string;
  /** Without pages, which need a build. */
  readonly apiOnly?: boolean;
  /** As `npm start` does, with its set-up; without npm, which passes no signal on. */
  readonly asStarted?: boolean;
  /** Of its command line, beside these. */
  readonly flags?: readonly string[];
  /** Variables beside this process's own. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly onOutput?: (text: string) => void;
  readonly timeoutMs?: number;
};

/** The web server as a child process, once it answers. */
export async function startServer(options: ServerOptions): Promise<ServerProcess> {
  const { port, directory, apiOnly = false, environment, onOutput, timeoutMs = 90_000 } = options;
  const main = join(root, "apps/web/server/main.ts");
  const where = ["--port", String(port), "--data", directory];
  const flags = [...where, ...(apiOnly ? ["--api-only"] : []), ...(options.flags ?? [])];
  const program = options.asStarted ? [join(root, "scripts/start.mjs")] : ["--import", "tsx", main];
  const child = spawn(process.execPath, [...program, ...flags], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
    // A terminal's Ctrl-C is for us: we end the server, once and in order.
    detached: process.platform !== "win32",
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1", ...environment },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`the server cannot be started with ${process.execPath}`);
  // With what it has started.
  const endWithUs = () => {
    try {
      process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
    } catch {} // it has ended
  };
  process.once("exit", endWithUs);
  let output = "";
  const exited = once(child, "exit").then(([code]: (number | null)[]) => {
    process.off("exit", endWithUs);
    return code ?? null;
  });
  const url = await new Promise<string>((resolve, reject) => {
    const fail = (reason: string) => reject(new Error(`the server ${reason}:\n${output}`));
    const timer = setTimeout(() => {
      endWithUs();
      fail(`was not ready after ${timeoutMs / 1000} s`);
    }, timeoutMs);
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        onOutput?.(text);
        const ready = /^ready (http\S+)/m.exec(output);
        if (!ready) return;
        clearTimeout(timer);
        resolve(ready[1]);
      });
    void exited.then((code) => {
      clearTimeout(timer);
      fail(`ended with code ${code}`);
    });
  });
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
  return {
    url,
    port,
    pid,
    output: () => output,
    exited,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}

/** `preferred` if nothing listens there, else a port that the system picks. */
export async function freePort(preferred = 0): Promise<number> {
  const probe = createServer();
  const taken = await new Promise<boolean>((resolve) => {
    probe.once("error", () => resolve(true));
    probe.listen(preferred, () => resolve(false));
  });
  if (taken) return freePort();
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  return typeof address === "object" && address ? address.port : preferred;
}
