import type { Clock } from "@tandem/core/clock";
import { createRng } from "@tandem/core/rng";
import type { TaskOptions } from "@tandem/core/teacher";
import { afterEach } from "vitest";
import { createRemotePainter, type RemotePainterConfig } from "../painters/remote-painter";
import { type Answer, type ImagesApi, sendJson, startImagesApi } from "./images-api";

export const key = "sk-test-0123456789";
const timeoutMs = 300_000;

/** Real timers, so many times as fast; what they were asked for is written down. */
function fastClock(speed: number) {
  const asked: number[] = [];
  const clock: Clock = {
    now: () => 1_000_000_000_000,
    after(delayMs, callback) {
      asked.push(delayMs);
      const isPatience = delayMs === timeoutMs; // a busy machine must not run into it
      const timer = setTimeout(callback, isPatience ? delayMs : delayMs / speed);
      return () => clearTimeout(timer);
    },
  };
  /** Pauses between attempts. */
  return { clock, pauses: () => asked.filter((ms) => ms !== timeoutMs) };
}

export const opened: ImagesApi[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((api) => api.close()));
});

/** A painter of 4 x 4 pictures at a server of its own. */
export async function setUp(
  answers: readonly Answer[] = [],
  { speed = 10_000, ...options }: Partial<RemotePainterConfig> & { readonly speed?: number } = {},
) {
  const api = await startImagesApi({ key, answers });
  opened.push(api);
  const { clock, pauses } = fastClock(speed);
  const painter = createRemotePainter(
    {
      baseUrl: api.baseUrl,
      model: "painter-1",
      apiKey: key,
      imageSize: 4,
      requestSize: 256,
      timeoutMs,
      retries: 2,
      ...options,
    },
    { clock, rng: createRng("remote painter test") },
  );
  const generate = (prompts: readonly string[], task?: TaskOptions) =>
    painter.generate({ prompts, seed: 1, steps: 1, guidance: 1 }, task);
  return { api, painter, generate, pauses };
}

/** Corner and centre of a picture. */
export function pixelsOf({ data }: { readonly data: Uint8Array }, row: number, side = 4) {
  const from = row * side * side * 3;
  const centre = from + (side * (side / 2) + side / 2) * 3;
  return {
    corner: [...data.subarray(from, from + 3)],
    centre: [...data.subarray(centre, centre + 3)],
  };
}

export const refuse =
  (status: number, message: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    sendJson(response, status, { error: { message } });
  };
