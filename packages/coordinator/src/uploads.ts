import { TandemError } from "@tandem/core/errors";
import { listed } from "@tandem/core/format";
import type { BlobHash } from "@tandem/core/ids";
import type { BlobStore } from "@tandem/core/stores";
import type { Metrics } from "@tandem/core/strategy";
import { toldMetrics } from "@tandem/core/told-metrics";
import { endHashOf, endOf } from "./aggregate";
import type { Attendance } from "./attendance";
import type { Commits } from "./commits";
import { clientInfo, type LiveClient, paceOf } from "./live-client";
import { reasonOf } from "./requests";
import { latenessOf } from "./round/late";
import { type Runtime, rulesOf } from "./runtime";
import { stateHashOf } from "./steps";

type Upload = { readonly round: number; readonly hash: BlobHash; readonly metrics: Metrics };

/** Judges an upload, and commits what has become of it; throws why it cannot be taken. */
export async function takeUpload(
  sources: {
    readonly blobs: BlobStore;
    readonly commits: Commits;
    readonly attendance: Pick<Attendance, "awake">;
  },
  runtime: Runtime,
  client: LiveClient,
  upload: Upload & { readonly speed?: number | undefined },
): Promise<{ readonly ok: true; readonly duplicate: boolean }> {
  const { blobs, commits, attendance } = sources;
  const { id } = client.record;
  const { hash, round } = upload;
  const metrics = toldMetrics(upload.metrics, client.record.heldOut);
  let timing: Awaited<ReturnType<typeof checkUpload>>;
  try {
    timing = await checkUpload(blobs, runtime, client, upload);
    if (timing === "duplicate") return { ok: true, duplicate: true };
    // An answer shows that its client is here, which this one is no longer.
    if (client.record.leftAt !== undefined)
      throw new TandemError("stale", "The client has left: join again to take part.");
  } catch (error) {
    const event = { type: "refused", client: id, ...reasonOf(error) } as const;
    await commits.dispatch(runtime, event, { refused: 1 });
    await attendance.awake(runtime, client);
    throw error;
  }
  const pace = paceOf(client, upload.speed);
  await commits.dispatch(
    runtime,
    timing === "late"
      ? { type: "late", client: id, round, hash, ...pace }
      : { type: "uploaded", client: id, hash, ...pace },
    { metrics: [{ round, client: id, metrics }] },
  );
  if (timing === "late") await attendance.awake(runtime, client);
  if (metrics.accuracy !== undefined) client.accuracy = metrics.accuracy;
  client.report = undefined;
  return { ok: true, duplicate: false };
}

async function checkUpload(
  blobs: BlobStore,
  runtime: Runtime,
  client: LiveClient,
  upload: Upload,
): Promise<"in-time" | "late" | "duplicate"> {
  const { round, hash } = upload;
  const timing = timingOf(runtime, client.record.id, round);
  if (timing === "duplicate") return timing;
  checkMetrics(upload.metrics);
  const info = clientInfo(client);
  const state = timing === "late" ? endHashOf(runtime, round) : stateHashOf(runtime.state);
  const outline = await runtime.outlines(state, info, () =>
    timing === "late" ? endOf(runtime, round, blobs) : runtime.load(state),
  );
  await runtime.uploads.check(outline, { client: info, bytes: () => blobs.get(hash) });
  // The round may have closed meanwhile.
  return timingOf(runtime, client.record.id, round);
}

function timingOf(runtime: Runtime, client: string, round: number) {
  const { state } = runtime;
  if (round === state.round) {
    if (client in state.answers) return "duplicate";
    if (state.phase === "collecting" && state.cohort.includes(client)) return "in-time";
  }
  const lateness = latenessOf(rulesOf(runtime), state, { round, client });
  if (lateness.verdict === "open") return "late";
  if (lateness.verdict === "duplicate") return "duplicate";
  throw new TandemError(
    "stale",
    round === state.round
      ? `Round ${round} does not collect from this client now: wait for the next.`
      : lateness.reason,
  );
}

/** What clients tell of themselves, and up to which value. */
const told: Readonly<Record<string, number>> = {
  accuracy: 1,
  loss: 1e9,
  retrieval: 1e9,
  temperature: 1e9,
};

/** Throws `bad-upload` unless every metric is of a kind that clients tell, and in its range. */
export function checkMetrics(metrics: Metrics): void {
  for (const [name, value] of Object.entries(metrics)) {
    const refuse = (range: string) => {
      throw new TandemError("bad-upload", `The metric "${name}" is ${value}, not ${range}.`);
    };
    const [kind] = name.split("/");
    if (!Object.hasOwn(told, kind))
      refuse(`one that clients tell: begin its name with ${listed(Object.keys(told), "or")}`);
    if (!Number.isFinite(value)) refuse("a finite number");
    if (value < 0 || value > told[kind]) refuse(`between 0 and ${told[kind]}`);
  }
}
