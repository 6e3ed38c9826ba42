import { TandemError } from "@tandem/core/errors";
import { type Command, InvalidArgumentError, Option } from "commander";

/** Parsers of command line options; what they refuse is told with the option's name. */
export const natural = (text: string): number => {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError("give a whole number from 1.");
};
export const amount = (text: string): number => {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError("give a number from 0.");
};
export const share = (text: string): number => {
  const value = amount(text);
  if (value <= 1) return value;
  throw new InvalidArgumentError("give a number from 0 to 1.");
};
/** "512" or "512x768": height and width. */
export const pixels = (text: string): readonly [number, number] => {
  const [, height, width = height] = /^(\d+)(?:x(\d+))?$/.exec(text) ?? [];
  if (height && Number(height) > 0 && Number(width) > 0) return [Number(height), Number(width)];
  throw new InvalidArgumentError("give pixels, such as 512 or 512x768 (height x width).");
};

const providers = ["cpu", "cuda", "webgpu"] as const;
type Provider = (typeof providers)[number];
export type EngineOptions = {
  readonly threads: number;
  readonly provider: Provider;
  readonly variant?: string;
};
/** The command with options on what computes, and of which files. */
export const withEngineOptions = (command: Command): Command =>
  command
    .option("--threads <n>", "threads of onnxruntime", natural, 2)
    .addOption(
      new Option("--provider <name>", "what computes: of onnxruntime's providers")
        .choices(providers)
        .default("cpu" satisfies Provider),
    )
    .option("--variant <name>", "files with this in their names, such as fp16");

/** Runs a task that Ctrl-C stops: the first asks it to end, the second kills. */
export async function interruptible(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const abort = new AbortController();
  const stop = () => abort.abort();
  process.once("SIGINT", stop);
  try {
    await work(abort.signal);
  } catch (error) {
    if (!(error instanceof TandemError && error.code === "cancelled")) throw error;
    process.stderr.write(`\n${error.message}\n`);
    process.exitCode = 130;
  } finally {
    process.off("SIGINT", stop);
  }
}

/** One line that is drawn over on a terminal, and every tenth of the way elsewhere. */
export function progressLine(
  stream: Pick<NodeJS.WriteStream, "write" | "isTTY">,
): (fraction: number, note: string) => void {
  let tenth = -1;
  return (fraction, note) => {
    const text = `${String(Math.round(100 * fraction)).padStart(3)} % ${note}`;
    if (stream.isTTY) {
      stream.write(`\r\x1b[2K${text}${fraction >= 1 ? "\n" : ""}`);
      return;
    }
    const next = Math.floor(fraction * 10);
    if (next > tenth) stream.write(`${text}\n`);
    tenth = Math.max(tenth, next);
  };
}
