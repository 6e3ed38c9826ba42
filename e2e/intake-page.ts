import type { PickedFile } from "@tandem/intake/files/browser-files";
import { droppedOf, pickedOf } from "@tandem/intake/files/browser-files";
import type { IntakeTask } from "@tandem/intake/intake";
import { openIntake } from "@tandem/intake/open-intake";

export type IntakePage = {
  /** Paths of what has been dropped on the page, with the sizes of the files. */
  dropped?: readonly (readonly [path: string, size: number])[];
  /** Reads the files of the page's input in the worker, and watches the page meanwhile. */
  readonly readPicked: (task: IntakeTask) => Promise<IntakeReport>;
  /** Resolves with how long it took from the call to the rejection, in ms. */
  readonly cancelPicked: (task: IntakeTask, afterMs: number) => Promise<CancelReport>;
};

export type IntakeReport = {
  /** Of the first pictures, by their paths. */
  readonly pixels: Readonly<Record<string, readonly number[]>>;
  readonly labels: readonly (number | undefined)[];
  readonly leftOut: readonly (readonly [path: string, code: string])[];
  /** Of the page's main thread, in ms. */
  readonly longestTask: number;
  /** The same after a task of 80 ms, by which one sees that they are measured. */
  readonly meterLongest: number;
  /** Messages about progress. */
  readonly told: number;
  readonly remainingSeen: boolean;
  readonly ms: number;
};
export type CancelReport = { readonly code: string; readonly ms: number };

const open = () => openIntake(new Worker("/worker.js", { type: "module" }));
const files = (): readonly PickedFile[] =>
  pickedOf(document.querySelector("input")?.files ?? ([] as File[]));

const page: IntakePage = {
  async readPicked(task) {
    let longestTask = 0;
    const observer = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) longestTask = Math.max(longestTask, duration);
    });
    observer.observe({ type: "longtask" });
    const startedAt = performance.now();
    let [told, remainingSeen] = [0, false];
    const intake = await open().read(files(), {
      task,
      progress({ remainingMs }) {
        told++;
        remainingSeen ||= remainingMs !== undefined;
      },
    });
    const ms = performance.now() - startedAt;
    await new Promise((resolve) => setTimeout(resolve, 100)); // long tasks are told afterwards
    const longestOfReading = longestTask;
    for (const until = performance.now() + 80; performance.now() < until; );
    await new Promise((resolve) => setTimeout(resolve, 100));
    observer.disconnect();
    return {
      pixels: Object.fromEntries(
        intake.samples.slice(0, 30).map(({ id, picture = [] }) => [id, Array.from(picture)]),
      ),
      labels: intake.samples.map(({ label }) => label),
      leftOut: intake.leftOut.map(({ path, code }) => [path, code]),
      longestTask: longestOfReading,
      meterLongest: longestTask,
      told,
      remainingSeen,
      ms,
    };
  },
  async cancelPicked(task, afterMs) {
    const abort = new AbortController();
    let cancelledAt = 0;
    setTimeout(() => {
      cancelledAt = performance.now();
      abort.abort();
    }, afterMs);
    const code = await open()
      .read(files(), { task, signal: abort.signal })
      .then(
        () => "read",
        (error: { code: string }) => error.code,
      );
    return { code, ms: performance.now() - cancelledAt };
  },
};
Object.assign(globalThis, page);

document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", async (event) => {
  event.preventDefault();
  const picked = event.dataTransfer ? await droppedOf(event.dataTransfer) : [];
  const dropped = picked.map(({ path, file }) => [path, file.size] as const);
  Object.assign(globalThis, { dropped });
});
