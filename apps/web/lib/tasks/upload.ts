import type { ApiError } from "@tandem/protocol/view";
import { basePath } from "../base-path";
import { RequestError, unreadable } from "../request";

/** Sends a file as a body; `fetch` cannot tell how much of it has gone. Throws as `request`, and when the signal ends it. */
export const upload = <T>(
  path: string,
  body: Blob,
  progress: (fraction: number) => void = () => {},
  signal?: AbortSignal,
): Promise<T> =>
  new Promise((resolve, reject) => {
    const sending = new XMLHttpRequest();
    sending.open("POST", basePath + path);
    sending.responseType = "json";
    sending.upload.addEventListener("progress", ({ loaded, total }) => progress(loaded / total));
    sending.addEventListener("loadend", () => {
      const answer: unknown = sending.response;
      if (sending.status >= 200 && sending.status < 300) return resolve(answer as T);
      const error = (answer as Partial<ApiError> | null)?.error ?? unreadable;
      return reject(new RequestError(error.code, error.message));
    });
    signal?.addEventListener("abort", () => sending.abort());
    sending.send(body);
  });
