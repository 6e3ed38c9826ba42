import { messageOf, TandemError } from "@tandem/core/errors";
import * as tf from "@tensorflow/tfjs-core";
import { selfTest } from "./self-test";

export const backendNames = ["webgpu", "webgl", "wasm", "cpu"] as const;
export type BackendName = (typeof backendNames)[number];

export type BackendReport = {
  readonly backend: BackendName;
  readonly status: "chosen" | "skipped" | "failed";
  readonly reason: string;
  /** Of the self-test, warm. */
  readonly milliseconds?: number;
};
export type Engine = { readonly backend: BackendName; readonly report: readonly BackendReport[] };

/** How one backend is brought up here; `prepare` returns why it should be skipped, if it should. */
export type Candidate = {
  readonly backend: BackendName;
  readonly prepare: (forced: boolean) => Promise<string | undefined>;
};

const tolerance = 0.02;

/**
 * Takes the first candidate whose forward pass and gradient are right. With `prefer` only that one
 * is tried, and it throws `unavailable` if it fails: nothing else is used in silence.
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
  for (const { backend, prepare } of candidates) {
    if (prefer && backend !== prefer) continue;
    if (!prefer && avoid.includes(backend)) {
      report.push({ backend, status: "failed", reason: "it broke in this tab" });
      continue;
    }
    try {
      const skip = await prepare(prefer !== undefined);
      if (skip) {
        report.push({ backend, status: "skipped", reason: skip });
        continue;
      }
      if (!(await tf.setBackend(backend))) throw new Error("could not be initialised");
      await tf.ready();
      const error = await selfTest();
      if (!(error < tolerance)) throw new Error(`self-test is off by ${error.toPrecision(2)}`);
      const started = now();
      await selfTest();
      const milliseconds = now() - started;
      report.push({
        backend,
        status: "chosen",
        reason: `self-test error ${error.toExponential(1)}`,
        milliseconds,
      });
      return { backend, report };
    } catch (error) {
      report.push({ backend, status: "failed", reason: messageOf(error) });
    }
  }
  const why = report.map(({ backend, reason }) => `${backend}: ${reason}`).join("; ");
  throw new TandemError(
    "unavailable",
    `No usable backend for training (${why || "none was tried"}). Use a current browser, or leave the choice of the backend open.`,
  );
}
