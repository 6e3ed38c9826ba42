import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A file of this folder as a child process, and how it ended once it has. */
export function forkEntry(file: `./${string}.ts`): {
  readonly child: ChildProcess;
  readonly ended: Promise<string>;
} {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), [], {
    execArgv: ["--import", "tsx"],
    serialization: "advanced",
    stdio: ["ignore", "inherit", "pipe", "ipc"],
  });
  let complaint = "";
  child.stderr?.on("data", (chunk) => {
    complaint = `${complaint}${chunk}`.slice(-4000);
  });
  const ended = new Promise<string>((resolve) => {
    const tell = (how: string) => resolve(`(${how}). ${complaint}`.trim());
    child.once("error", (error) => tell(error.message));
    child.once("exit", (code, signal) => tell(signal ?? `exit ${code}`));
  });
  return { child, ended };
}

/** Lets it go; a process that is deep in a computation notices only after it that it is alone. */
export async function letGo(child: ChildProcess): Promise<void> {
  if (!child.connected) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.disconnect();
  const kill = setTimeout(() => child.kill("SIGKILL"), patienceMs);
  await gone;
  clearTimeout(kill);
}

const patienceMs = 5000;
