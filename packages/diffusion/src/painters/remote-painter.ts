import type { Clock } from "@tandem/core/clock";
import { TandemError } from "@tandem/core/errors";
import type { Rng } from "@tandem/core/rng";
import type { GenerateRequest, TaskOptions } from "@tandem/core/teacher";
import type { TensorOf } from "@tandem/core/tensor";
import * as z from "zod";
import { decodePicture } from "./decode-picture";
import { fetchBytes } from "./fetch-bytes";
import type { Painter } from "./painter";

export const remotePainterConfig = z.strictObject({
  /** What `/images/generations` is put behind, for example https://api.openai.com/v1. */
  baseUrl: z
    .url({ protocol: /^https?$/, error: "use an http or https address", abort: true })
    .refine(isPlain, "leave out user, password, query and fragment"),
  model: z.string().min(1).max(200),
  /** As a bearer token. A server that wants none takes any. */
  apiKey: z.string().regex(/^[\x21-\x7e]+$/, "use visible ASCII without spaces"),
  /** Height and width of the pictures that come out. */
  imageSize: z.int().min(1).max(1024),
  /** Height and width that the server is asked for. */
  requestSize: z.int().min(16).max(4096).default(1024),
  /** Requests at a time. */
  concurrency: z.int().min(1).max(64).default(4),
  /** Of one attempt, body included; Node's own limits end it after 5 minutes. */
  timeoutMs: z.int().min(1).max(300_000).default(120_000),
  /** Further attempts after the first. */
  retries: z.int().min(0).max(10).default(4),
  maxResponseBytes: z
    .int()
    .min(1)
    .max(2 ** 30)
    .default(32 * 2 ** 20),
});
export type RemotePainterConfig = z.input<typeof remotePainterConfig>;

const answerSchema = z.object({
  data: z.array(z.object({ b64_json: z.string().nullish(), url: z.string().nullish() })).min(1),
});

/**
 * A model behind the OpenAI images API. It takes prompts alone: seed, steps and guidance stay with
 * its server, and there is no adapter. https://platform.openai.com/docs/api-reference/images/create
 */
export function createRemotePainter(
  options: RemotePainterConfig,
  { clock, rng }: { readonly clock: Clock; readonly rng: Rng },
): Painter {
  const config = parsed(options);
  const { model, apiKey, imageSize, requestSize, concurrency } = config;
  const endpoint = `${config.baseUrl.replace(/\/+$/, "")}/images/generations`;
  const authorization = `Bearer ${apiKey}`;
  // The GPT models always answer in base64, and refuse the parameter.
  const format = /^(chatgpt|gpt)-image/.test(model) ? {} : { response_format: "b64_json" };
  const http = { ...config, secret: apiKey, clock, rng };
  const closing = new AbortController();

  async function paintOne(prompt: string, signal: AbortSignal): Promise<Uint8Array> {
    const size = `${requestSize}x${requestSize}`;
    const answer = await fetchBytes(
      {
        url: endpoint,
        method: "POST",
        headers: { authorization, "content-type": "application/json", accept: "application/json" },
        body: JSON.stringify({ model, prompt, n: 1, size, ...format }),
        signal,
      },
      http,
    );
    const { b64_json: base64, url } = pictureIn(answer, endpoint);
    if (base64) return decodePicture(Buffer.from(base64, "base64"), imageSize);
    const address = sameOrigin(url ?? "", endpoint);
    const headers = { authorization, accept: "image/*" };
    const picture = await fetchBytes({ url: address, method: "GET", headers, signal }, http);
    return decodePicture(picture, imageSize);
  }

  async function generate(
    { prompts, adapter, noise }: GenerateRequest,
    { signal, progress }: TaskOptions = {},
  ): Promise<TensorOf<"u8">> {
    if (adapter) refuse("paint with an adapter");
    if (noise) refuse("paint from given noise");
    const failed = new AbortController();
    const signals = [closing.signal, failed.signal, ...(signal ? [signal] : [])];
    const stopped = AbortSignal.any(signals);
    const shape = [prompts.length, imageSize, imageSize, 3];
    const data = new Uint8Array(prompts.length * imageSize * imageSize * 3);
    let [next, done] = [0, 0];
    const work = async () => {
      while (next < prompts.length) {
        const row = next++;
        const picture = await paintOne(prompts[row], stopped);
        if (stopped.aborted) throw new TandemError("cancelled", "painting was cancelled");
        data.set(picture, row * picture.length);
        progress?.(++done / prompts.length, "painting");
      }
    };
    try {
      await Promise.all(Array.from({ length: concurrency }, work));
    } finally {
      failed.abort(); // after one failure the rest would be paid for in vain
    }
    return { dtype: "u8", shape, data };
  }

  return {
    imageSize,
    abilities: { finetune: false, repeat: false },
    generate,
    finetune: async () => refuse("be fine-tuned"),
    async close() {
      closing.abort();
    },
  };
}

function refuse(what: string): never {
  throw new TandemError(
    "not-supported",
    `A teacher behind an images API cannot ${what}: use a model folder for that.`,
  );
}

/** Throws `bad-config` that names the fields, never their values. */
function parsed(options: RemotePainterConfig) {
  const { data, error } = remotePainterConfig.safeParse(options);
  if (data) return data;
  throw new TandemError("bad-config", `remote teacher: ${z.prettifyError(error)}`);
}

function isPlain(text: string): boolean {
  const { username, password, search, hash } = new URL(text);
  return `${username}${password}${search}${hash}` === "";
}

function pictureIn(bytes: Uint8Array, endpoint: string) {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    throw new TandemError("bad-data", `${endpoint} did not answer in JSON: check the base URL`);
  }
  const { data } = answerSchema.safeParse(json);
  const [picture] = data?.data ?? [];
  if (picture?.b64_json || picture?.url) return picture;
  throw new TandemError("bad-data", `${endpoint} answered without b64_json or url of a picture`);
}

/** An answer must not choose whom this server calls. */
function sameOrigin(url: string, endpoint: string): string {
  const { origin } = new URL(endpoint);
  const target = URL.canParse(url, endpoint) ? new URL(url, endpoint) : undefined;
  if (target?.origin === origin) return target.href;
  const where = target ? `at ${target.origin}` : "at no valid address";
  throw new TandemError(
    "not-supported",
    `${endpoint} left its picture ${where}: only b64_json or addresses at ${origin} are taken`,
  );
}
