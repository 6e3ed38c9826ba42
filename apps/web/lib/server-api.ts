import type { ApiError, TaskView } from "@tandem/protocol/view";
import { notFound } from "next/navigation";
import { connection } from "next/server";
import { RequestError } from "./request";
import { currentVisit } from "./visit";

/** Pages are drawn from the same REST interface as everything else, asked inside the process. */
export async function load<T>(path: string): Promise<T> {
  await connection(); // of this visitor: nothing is drawn ahead
  const { status, body } = await currentVisit().ask(path);
  const answer: unknown = JSON.parse(String(body));
  if (status === 200) return answer as T;
  const { code, message } = (answer as ApiError).error;
  throw new RequestError(code, message);
}

async function loadIfThere<T>(path: string): Promise<T | undefined> {
  try {
    return await load<T>(path);
  } catch (error) {
    // An address that can be none's is as wrong as one that is nobody's.
    if (error instanceof RequestError && ["not-found", "bad-config"].includes(error.code))
      return undefined;
    throw error;
  }
}

export const loadOr404 = async <T>(path: string): Promise<T> =>
  (await loadIfThere<T>(path)) ?? notFound();

/** What an experiment is on; undefined for a data set that this version no longer ships. */
export const loadTask = (dataset: string): Promise<TaskView | undefined> =>
  loadIfThere(`/api/tasks/${encodeURIComponent(dataset)}`);
