import { TandemError } from "@tandem/core/errors";
import type { BackboneReference } from "@tandem/core/task";
import { type BackboneFiles, type ReadFile, readBackbone } from "./files";
import { httpFiles } from "./http-files";

export type OpenOptions = {
  /** Of this server, for its own paths. */
  readonly base: string;
  readonly signal?: AbortSignal;
  readonly fetch?: typeof fetch;
};

/** The files of a model as a task pins it; throws `corrupt` where they are others. */
export async function pinnedFiles(
  reference: Pick<BackboneReference, "url" | "sha256">,
  options: OpenOptions,
): Promise<BackboneFiles> {
  const { read, manifest } = httpFiles(reference.url, options);
  return readPinned(read, reference, manifest);
}

/** The same by whatever reads them. */
export async function readPinned(
  read: ReadFile,
  reference: Pick<BackboneReference, "url" | "sha256">,
  manifest: string,
): Promise<BackboneFiles> {
  const files = await readBackbone(read, manifest);
  if (files.sha256 !== reference.sha256)
    throw changed(reference.url, "its SHA-256", files.sha256, reference.sha256);
  return files;
}

type Numbers = { readonly size: number; readonly features: number; readonly parameters?: number };

/** What has been made of such files; disposes of it and throws `corrupt` where a number is another. */
export function asPinned<T extends Numbers & { readonly dispose: () => void }>(
  made: T,
  reference: Numbers & { readonly url: string },
): T {
  const keys = ["size", "features", "parameters"] as const;
  const odd = keys.find((key) => made[key] !== reference[key]);
  if (odd === undefined) return made;
  made.dispose();
  throw changed(reference.url, odd, made[odd], reference[odd]);
}

const changed = (url: string, what: string, now: unknown, then: unknown) =>
  new TandemError(
    "corrupt",
    `the model at ${url} has changed: ${what} is ${now}, and was ${then} when the task was made. Put the same files there again, or make a new task.`,
  );
