import type { Clock } from "@tandem/core/clock";
import { type ErrorCode, messageOf, TandemError } from "@tandem/core/errors";
import type { Rng } from "@tandem/core/rng";

export type FetchRequest = {
  readonly url: string;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
};

export type FetchOptions = {
  /** Of one attempt, body included. */
  readonly timeoutMs: number;
  /** Further attempts after the first. */
  readonly retries: number;
  readonly maxResponseBytes: number;
  /** What no message may show, though a server may echo it. */
  readonly secret: string;
  readonly clock: Clock;
  /** Jitter of the pauses. */
  readonly rng: Rng;
};

type Failure = {
  readonly type: "failure";
  readonly code: ErrorCode;
  readonly message: string;
  /** The same without what others have said. */
  readonly told: string;
  readonly isPassing: boolean;
  /** How long the server asks to be left alone. */
  readonly retryAfterMs?: number;
};
type Outcome = { readonly type: "body"; readonly bytes: Uint8Array } | Failure;

/**
 * The body of a successful answer. What may pass is tried again; then `unauthorised`, `not-found`,
 * `too-many`, `too-large`, `timeout` or `unavailable` is thrown with the status and the server's words.
 */
export async function fetchBytes(
  request: FetchRequest,
  options: FetchOptions,
): Promise<Uint8Array> {
  const { pathname, origin } = new URL(request.url); // a query may hold a signature
  for (let attempts = 1; ; attempts++) {
    const outcome = await attempt(request, options);
    if (outcome.type === "body") return outcome.bytes;
    const { code, message, told, isPassing, retryAfterMs = 0 } = outcome;
    if (!isPassing || attempts > options.retries) {
      const times = attempts > 1 ? ` (${attempts} attempts)` : "";
      // Cut first, half of the secret could stay.
      const shown = message.replaceAll(options.secret, "[key]").replace(/\s+/g, " ").trim();
      throw new TandemError(code, `${origin}${pathname} ${shown.slice(0, 300)}${times}`, {
        told: `The remote teacher ${told}${times}.`,
      });
    }
    const backoffMs = Math.min(500 * 2 ** (attempts - 1), 8000) * (1 - options.rng.uniform() / 2);
    const delayMs = Math.min(Math.max(backoffMs, retryAfterMs), longestPauseMs);
    await pause(delayMs, options.clock, request.signal);
  }
}

/** A server must not be able to put a round to sleep. */
const longestPauseMs = 60_000;

async function attempt(
  { url, signal, ...init }: FetchRequest,
  { clock, timeoutMs, maxResponseBytes }: FetchOptions,
): Promise<Outcome> {
  const timeout = new AbortController();
  const cancel = clock.after(timeoutMs, () => timeout.abort());
  const stopped = AbortSignal.any([signal, timeout.signal]);
  try {
    // A redirection would take the prompts, or the key, to a server that nobody named.
    const response = await fetch(url, { ...init, redirect: "manual", signal: stopped });
    const bytes = await readBody(response, maxResponseBytes);
    if (!bytes) {
      const message = `answered ${response.status} with more than ${maxResponseBytes} bytes`;
      return { type: "failure", code: "too-large", message, told: message, isPassing: false };
    }
    return response.ok ? { type: "body", bytes } : refusal(response, bytes, clock);
  } catch (error) {
    if (signal.aborted) throw cancelled();
    const failure = { type: "failure", isPassing: true } as const;
    if (stopped.aborted) {
      const message = `took longer than ${timeoutMs} ms`;
      return { ...failure, code: "timeout", message, told: message };
    }
    const cause = error instanceof Error && error.cause ? error.cause : error;
    const why = messageOf(cause) || String((cause as { readonly code?: string }).code);
    const told = "cannot be reached";
    return { ...failure, code: "unavailable", message: `${told}: ${why}`, told };
  } finally {
    cancel();
  }
}

/** Undefined once there are more bytes than allowed; the rest is not waited for. */
async function readBody(response: Response, limit: number): Promise<Uint8Array | undefined> {
  if (!response.body) return new Uint8Array(0);
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks);
    size += value.length;
    if (size > limit) {
      await reader.cancel();
      return undefined;
    }
    chunks.push(value);
  }
}

function refusal(
  { status, statusText, headers }: Response,
  bytes: Uint8Array,
  clock: Clock,
): Failure {
  const words = serverWords(Buffer.from(bytes).toString()) || statusText;
  const retryAfterMs = waitOf(headers.get("retry-after"), clock);
  const isPassing = [408, 409, 429].includes(status) || status >= 500;
  return {
    type: "failure",
    code: codeOf(status, isPassing),
    message: `answered ${status} ${words}`,
    told: `answered ${status}`,
    isPassing,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
}

function codeOf(status: number, isPassing: boolean): ErrorCode {
  if (status === 401 || status === 403) return "unauthorised";
  if (status === 404) return "not-found";
  if (status === 429) return "too-many";
  return isPassing ? "unavailable" : "not-supported";
}

/** The message in OpenAI's error object, or the body as it is. */
function serverWords(text: string): string {
  try {
    const json = JSON.parse(text);
    const message = json?.error?.message ?? json?.error ?? json?.message;
    return typeof message === "string" ? message : text;
  } catch {
    return text;
  }
}

/** Seconds or a date (RFC 9110, 10.2.3). */
function waitOf(header: string | null, clock: Clock): number | undefined {
  if (!header) return undefined;
  const waitMs = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - clock.now();
  return waitMs > 0 ? waitMs : undefined;
}

function pause(delayMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      cancel();
      reject(cancelled());
    };
    const cancel = clock.after(delayMs, () => {
      signal.removeEventListener("abort", stop);
      resolve();
    });
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
  });
}

const cancelled = () => new TandemError("cancelled", "painting was cancelled");
