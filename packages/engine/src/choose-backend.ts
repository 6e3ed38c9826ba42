import { messageOf, TandemError } from "@tandem/core/errors";
import * as tf from "@tensorflow/tfjs-core";
import { selfTest } from "./self-test";
import { timeTrainingStep } from "./training-step";

export const backendNames = ["webgpu", "webgl", "wasm", "cpu"] as const;
export type BackendName = (typeof backendNames)[number];

export type BackendReport = {
  readonly backend: BackendName;
  readonly status: "chosen" | "skipped" | "failed";
  readonly reason: string;
  /** Of a small training step, where there was a choice. */
  readonly milliseconds?: number;
};
export type Engine = { readonly backend: BackendName; readonly report: readonly BackendReport[] };

/** How one backend is brought up here; `prepare` returns why it should be skipped, if it should. */
export type Candidate = {
  readonly backend: BackendName;
  readonly prepare: (forced: boolean) => Promise<string | undefined>;
  /** Tried only where none before it will do. */
  readonly isLastResort?: boolean;
};

const tolerance = 0.02;

/**
 * Takes the candidate that trains fastest of those whose forward pass and gradient are right. With
 * `prefer` only that one is tried, and it throws `unavailable` if it fails: nothing else is used in silence.
 */
export async function chooseBackend(
  candidates: readonly Candidate[],
  options: {
    readonly prefer?: BackendName | undefined;
    readonly avoid?: readonly BackendName[] | undefined;
    readonly now: () => number;
  },
): Promise<Engine> {
  const { prefer, avoid = [], now } = options;
  const report: BackendReport[] = [];
  const passed: Passed[] = [];
  const fail = (backend: BackendName, error: unknown) =>
    report.push({ backend, status: "failed", reason: messageOf(error) });
  for (const { backend, prepare, isLastResort } of candidates) {
    if (prefer && backend !== prefer) continue;
    if (!prefer && avoid.includes(backend)) {
      report.push({ backend, status: "failed", reason: "it broke in this tab" });
      continue;
    }
    if (isLastResort && passed.length > 0) continue;
    try {
      const skip = await prepare(prefer !== undefined);
      if (skip) {
        report.push({ backend, status: "skipped", reason: skip });
        continue;
      }
      await take(backend);
      const error = await selfTest();
      if (!(error < tolerance)) throw new Error(`self-test is off by ${error.toPrecision(2)}`);
      passed.push({ backend, reason: `self-test error ${error.toExponential(1)}` });
    } catch (error) {
      fail(backend, error);
    }
  }
  const [fastest, ...slower] = await bySpeed(passed, { now, fail });
  if (fastest) {
    for (const { backend, ...line } of slower) {
      tf.removeBackend(backend);
      report.push({ backend, status: "skipped", ...line });
    }
    await take(fastest.backend);
    report.push({ status: "chosen", ...fastest });
    return { backend: fastest.backend, report };
  }
  const why = report.map(({ backend, reason }) => `${backend}: ${reason}`).join("; ");
  throw new TandemError(
    "unavailable",
    `No usable backend for training (${why || "none was tried"}). Use a current browser, or leave the choice of the backend open.`,
  );
}

type Passed = Pick<BackendReport, "backend" | "reason" | "milliseconds">;

async function take(backend: BackendName): Promise<void> {
  if (!(await tf.setBackend(backend))) throw new Error("could not be initialised");
  await tf.ready();
}

/** Timed only where there is a choice; who breaks at that is out. */
async function bySpeed(
  passed: readonly Passed[],
  {
    now,
    fail,
  }: { readonly now: () => number; readonly fail: (backend: BackendName, error: unknown) => void },
): Promise<readonly Passed[]> {
  if (passed.length < 2) return passed;
  const timed: (Passed & { readonly milliseconds: number })[] = [];
  for (const one of passed) {
    try {
      await take(one.backend);
      timed.push({ ...one, milliseconds: await timeTrainingStep(now) });
    } catch (error) {
      fail(one.backend, error);
    }
  }
  const [fastest, ...slower] = timed.sort((a, b) => a.milliseconds - b.milliseconds);
  if (!fastest) return [];
  return [fastest, ...slower.map((one) => ({ ...one, reason: `slower than ${fastest.backend}` }))];
}
