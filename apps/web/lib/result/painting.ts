import { TandemError } from "@tandem/core/errors";
import type { PaintingView } from "@tandem/protocol/view";
import { post, RequestError, request } from "../request";
import type { WorkOptions } from "./use-work";

const lookEveryMs = 400;

export type Painted = Pick<PaintingView, "id" | "prompt"> &
  Required<Pick<PaintingView, "pictures">>;

/** Has the study's teacher paint it; the server is told when nobody waits for it any more. */
export async function painted(
  study: string,
  prompt: string,
  {
    signal,
    progress,
    token,
    onAhead,
  }: WorkOptions & {
    readonly token?: string | undefined;
    /** How many others' are painted before. */
    readonly onAhead: (count: number) => void;
  },
): Promise<Painted> {
  const path = `/api/experiments/${study}/paintings`;
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  let view = await inWords(post<PaintingView>(path, { prompt }, headers));
  const one = `${path}/${view.id}`;
  try {
    while (view.state === "waiting" || view.state === "painting") {
      onAhead(view.ahead);
      progress(view.fraction);
      await pause(lookEveryMs, signal);
      view = await inWords(request<PaintingView>(one, { signal }));
    }
  } catch (error) {
    void request(one, { method: "DELETE", keepalive: true }).catch(() => {}); // it ends by itself too
    throw error;
  }
  const { id, pictures, problem = "It was not painted." } = view;
  if (pictures) return { id, prompt: view.prompt, pictures };
  throw new TandemError("unavailable", problem);
}

/** Of a study that has been removed since the page was opened. */
async function inWords<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RequestError && error.code === "not-found")
      throw new Error(gone, { cause: error });
    throw error;
  }
}

export const gone =
  "The study has been removed from the server, and what its teacher had learned with it.";

const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(new TandemError("cancelled", "It was cancelled."));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  });
