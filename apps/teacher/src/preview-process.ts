import { TandemError } from "@tandem/core/errors";
import { forkEntry, letGo } from "./fork";
import { errorOf, type Failure } from "./messages";
import type { Painted } from "./task-teacher";

export type PreviewOptions = {
  readonly task: Painted;
  /** Folder of the base, where the teacher is `trained`. */
  readonly trained?: string | undefined;
  readonly prompts: readonly string[];
  readonly threads: number;
};
export type FromPreview =
  | { readonly type: "progress"; readonly fraction: number }
  | { readonly type: "done"; readonly sheet: Uint8Array }
  | ({ readonly type: "failed" } & Failure);

/** Paints a sheet in a child process. `sheet` rejects with what it failed of, or `unavailable` if it died. */
export function startPreview(
  options: PreviewOptions,
  onProgress: (fraction: number) => void,
): { readonly sheet: Promise<Uint8Array>; readonly kill: () => void } {
  const { child, ended } = forkEntry("./preview-main.ts");
  child.send(options, () => {}); // the end of the process tells of a channel that has closed
  const sheet = new Promise<Uint8Array>((resolve, reject) => {
    child.on("message", (message: FromPreview) => {
      if (message.type === "progress") onProgress(message.fraction);
      else if (message.type === "done") resolve(message.sheet);
      else reject(errorOf(message));
    });
    ended.then((how) =>
      reject(new TandemError("unavailable", `The painting process ended ${how}`)),
    );
  });
  return { sheet: sheet.finally(() => letGo(child)), kill: () => void child.kill("SIGKILL") };
}
