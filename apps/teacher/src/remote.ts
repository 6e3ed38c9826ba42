import { decimal } from "@tandem/core/decimal";
import { TandemError } from "@tandem/core/errors";
import { listed } from "@tandem/core/format";
import { createRng } from "@tandem/core/rng";
import { systemClock } from "@tandem/core/system-clock";
import type { Painter } from "@tandem/diffusion/painters/painter";
import { createRemotePainter } from "@tandem/diffusion/painters/remote-painter";

export type Environment = Readonly<Record<string, string | undefined>>;

const needed = ["TANDEM_TEACHER_URL", "TANDEM_TEACHER_MODEL", "TANDEM_TEACHER_KEY"] as const;
const sizeName = "TANDEM_TEACHER_SIZE";

/** Whether the environment names one, or half of one. */
export const namesRemote = (environment: Environment): boolean =>
  [...needed, sizeName].some((name) => (environment[name] ?? "") !== "");

/**
 * The painter behind an images API that the environment names, or undefined if it names none.
 * Throws `bad-config` if it names half of one.
 */
export function remotePainter(environment: Environment, imageSize: number): Painter | undefined {
  const isSet = (name: string) => (environment[name] ?? "") !== "";
  const given = [...needed, sizeName].filter(isSet);
  if (given.length === 0) return undefined;
  const missing = needed.filter((name) => !isSet(name));
  if (missing.length > 0)
    throw new TandemError(
      "bad-config",
      `${listed(given, "and")} without ${listed(missing, "and")}: a remote teacher needs all three; unset them for the model folder.`,
    );
  const requestSize = isSet(sizeName) ? decimal(environment[sizeName] ?? "") : undefined;
  if (isSet(sizeName) && requestSize === undefined)
    throw new TandemError(
      "bad-config",
      `${sizeName} is "${environment[sizeName]}": give a whole number of pixels`,
    );
  const [baseUrl, model, apiKey] = needed.map((name) => environment[name] ?? "");
  return createRemotePainter(
    {
      baseUrl,
      model,
      apiKey,
      imageSize,
      ...(requestSize !== undefined && { requestSize }),
    },
    { clock: systemClock, rng: createRng(process.pid) },
  );
}
