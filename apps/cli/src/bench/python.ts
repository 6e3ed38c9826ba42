import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { TandemError } from "@tandem/core/errors";
import type { Json, JsonObject } from "@tandem/core/json";

/** A script of python/ that answers one line of JSON with another. */
export type Python = {
  /** What it said first. */
  readonly about: JsonObject;
  ask(request: Readonly<Record<string, Json>>): Promise<JsonObject>;
  close(): Promise<void>;
};

/** Starts a script with the first interpreter that has `module`; undefined where none has it. */
export async function startPython(options: {
  readonly script: string;
  readonly arguments?: readonly string[];
  readonly module: string;
  readonly interpreter?: string | undefined;
}): Promise<Python | undefined> {
  const { script, module, interpreter } = options;
  const found = interpreter ? [interpreter] : ["python3", "/usr/bin/python3"];
  for (const each of found) {
    const probe = spawn(each, ["-c", `import ${module}`], { stdio: "ignore" });
    if ((await ended(probe)) === 0) return converse(each, script, options.arguments);
  }
  if (interpreter) throw new TandemError("unavailable", `${interpreter} cannot import ${module}`);
  return undefined;
}

async function converse(
  interpreter: string,
  script: string,
  args: readonly string[] = [],
): Promise<Python> {
  const path = fileURLToPath(new URL(`./python/${script}`, import.meta.url));
  const child = spawn(interpreter, ["-B", path, ...args], { stdio: ["pipe", "pipe", "inherit"] });
  const exit = ended(child);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<JsonObject> => {
    const { value, done } = await lines.next();
    if (done)
      throw new TandemError("unavailable", `${interpreter} ${script} ended with ${await exit}`);
    const reply: JsonObject = JSON.parse(value);
    if (typeof reply.error === "string")
      throw new TandemError("bad-data", `${script}: ${reply.error}`);
    return reply;
  };
  return {
    about: await next(),
    ask(request) {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      return next();
    },
    async close() {
      child.stdin.end();
      await exit;
    },
  };
}

/** The exit code; -1 where the program cannot be started, or was killed. */
const ended = (child: ChildProcess) =>
  new Promise<number>((resolve) => {
    child.once("error", () => resolve(-1));
    child.once("close", (code) => resolve(code ?? -1));
  });

/** A number of a reply. */
export function numberOf(reply: JsonObject, name: string): number {
  const found = reply[name];
  if (typeof found === "number") return found;
  throw new Error(`"${name}" of the reply is ${JSON.stringify(found)}`);
}
