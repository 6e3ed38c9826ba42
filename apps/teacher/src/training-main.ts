import { trainBaseOfTask } from "./base-of-task";
import { failureOf } from "./messages";
import type { FromTraining, ToTraining } from "./training-process";

// A process of its own for one training of a base, which ends with it or with its parent.
const send = (message: FromTraining) => process.send?.(message);
process.once("disconnect", () => process.exit(0));
process.once("SIGINT", () => {}); // the parent decides when to end

const reportMs = 500;
const stop = new AbortController();
let reportedAt = Number.NEGATIVE_INFINITY;

process.on("message", (message: ToTraining) => {
  if (message.type === "stop") return stop.abort();
  trainBaseOfTask(message.options, {
    signal: stop.signal,
    onStep(report) {
      const now = performance.now();
      if (now - reportedAt < reportMs && report.fraction < 1) return;
      reportedAt = now;
      send({ type: "progress", report });
    },
    onSave: (step) => send({ type: "saved", step }),
  }).then(
    ({ step, finished }) => send({ type: "ended", step, finished }),
    (error: unknown) => send({ type: "failed", ...failureOf(error) }),
  );
});
