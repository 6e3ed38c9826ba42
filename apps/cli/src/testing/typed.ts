import type { Command } from "commander";
import { vi } from "vitest";

/** Runs a command as typed; resolves with what it has printed, rejects with what it refuses. */
export async function typed(command: Command, ...args: readonly string[]): Promise<string> {
  let printed = "";
  const spy = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += text;
    return true;
  });
  try {
    for (const one of [command, ...command.commands])
      one.exitOverride().configureOutput({ writeErr: () => {} });
    await command.parseAsync(args, { from: "user" });
    return printed;
  } finally {
    spy.mockRestore();
  }
}
