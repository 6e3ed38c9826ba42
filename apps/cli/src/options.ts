import { decimal } from "@tandem/core/decimal";
import { durationOf } from "@tandem/core/duration";
import { TandemError } from "@tandem/core/errors";
import { type Command, InvalidArgumentError, Option } from "commander";

/** A parser of command line options; what it refuses is told with the option's name. */
const numberThat =
  (what: string, fits: (value: number) => boolean) =>
  (text: string): number => {
    const value = decimal(text);
    if (value !== undefined && fits(value)) return value;
    throw new InvalidArgumentError(`give ${what}.`);
  };

export const atLeast = (least: number) =>
  numberThat(`a whole number from ${least}`, (n) => Number.isSafeInteger(n) && n >= least);
export const atMost = (most: number) =>
  numberThat(`a whole number from 1 to ${most}`, (n) => Number.isInteger(n) && n >= 1 && n <= most);
export const natural = atLeast(1);
export const whole = atLeast(0);
export const portNumber = numberThat(
  "a port from 1 to 65535",
  (n) => Number.isInteger(n) && n >= 1 && n <= 65_535,
);
export const positive = numberThat("a number above 0", (x) => x > 0);
export const amount = numberThat("a number from 0", (x) => x >= 0);
export const share = numberThat("a number from 0 to 1", (x) => x >= 0 && x <= 1);
/** Of what may not be all. */
export const smallerShare = numberThat("a number from 0 to 0.9", (x) => x >= 0 && x <= 0.9);
/** Of what may not be nothing. */
export const positiveShare = numberThat("a number above 0, up to 1", (x) => x > 0 && x <= 1);

/** Milliseconds. */
export const duration = (text: string): number => {
  const ms = durationOf(text);
  if (ms !== undefined) return ms;
  throw new InvalidArgumentError("give a time such as 30m, 24h or 7d.");
};

/** The same of several, with commas. */
export const listOf = (parse: (text: string) => number) => (text: string) =>
  text.split(",").map(parse);

/** Each once. */
export const seeds = (text: string): readonly number[] => [...new Set(listOf(whole)(text))];

/** Names with commas, none of them empty. */
export function namesOf(text: string): readonly string[] {
  const names = text.split(",").map((name) => name.trim());
  if (!names.includes("")) return names;
  throw new InvalidArgumentError("give names with one comma between them, none of them empty.");
}

export type Settings = Readonly<Record<string, number | boolean | string>>;

/** One more `key=value` of a configuration, with numbers and booleans as such. */
export function setting(text: string, known: Settings = {}): Settings {
  const [, key, value = ""] = /^([^=]*)=([^=]*)$/.exec(text) ?? [];
  if (!key?.trim() || value.trim() === "")
    throw new InvalidArgumentError("give key=value, such as epochs=2.");
  if (key === "__proto__")
    throw new InvalidArgumentError(`${key} is no name of a setting: leave it out.`);
  if (Object.hasOwn(known, key)) throw new InvalidArgumentError(`${key} is given twice.`);
  if (value === "true" || value === "false") return { ...known, [key]: value === "true" };
  const number = decimal(value);
  // Infinity, 0x10 and the like: numbers to JavaScript, to nobody's configuration.
  if (number === undefined && (value === "NaN" || !Number.isNaN(Number(value))))
    throw new InvalidArgumentError(`${value} is no finite decimal number.`);
  return { ...known, [key]: number ?? value };
}

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
    .option("--threads <n>", "threads of ONNX Runtime", natural, 2)
    .addOption(
      new Option("--provider <name>", "execution provider of ONNX Runtime")
        .choices(providers)
        .default("cpu" satisfies Provider),
    )
    .option("--variant <name>", "variant of the model's files, such as fp16");

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

/** What the user should know, though the work goes on. */
export const notice = (text: string): void => {
  process.stderr.write(`note: ${text}\n`);
};

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

export const server = (which = "") =>
  new Option("--url <url>", `address of the server${which && `, ${which}`}`)
    .default("http://localhost:3000")
    .argParser(urlOf);

/** Of an account, made on its page; a server where nobody has one wants none. */
export const token = () =>
  new Option("--token <token>", "API token of your account, if the server has accounts").env(
    "TANDEM_TOKEN",
  );

function urlOf(text: string): string {
  const { protocol } = URL.canParse(text) ? new URL(text) : { protocol: "" };
  if (/^https?:$/.test(protocol)) return text.replace(/\/+$/, "");
  throw new InvalidArgumentError("give an address such as http://localhost:3000.");
}
