import type { TaskView } from "@tandem/protocol/view";
import { notFound } from "next/navigation";
import { RequestError, request } from "./request";

/** Pages are drawn from the same REST interface as everything else; main.ts names its address. */
export function load<T>(path: string): Promise<T> {
  const origin = process.env.TANDEM_ORIGIN;
  if (!origin) throw new Error("TANDEM_ORIGIN is not set; start the server with server/main.ts");
  return request<T>(new URL(path, origin));
}

async function loadIfThere<T>(path: string): Promise<T | undefined> {
  try {
    return await load<T>(path);
  } catch (error) {
    if (error instanceof RequestError && error.code === "not-found") return undefined;
    throw error;
  }
}

export const loadOr404 = async <T>(path: string): Promise<T> =>
  (await loadIfThere<T>(path)) ?? notFound();

/** What an experiment is on; undefined for a data set that this version no longer ships. */
export const loadTask = (dataset: string): Promise<TaskView | undefined> =>
  loadIfThere(`/api/tasks/${encodeURIComponent(dataset)}`);
