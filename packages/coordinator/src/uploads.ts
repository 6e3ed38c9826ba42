import { TandemError } from "@tandem/core/errors";
import { listed } from "@tandem/core/format";
import type { BlobHash } from "@tandem/core/ids";
import type { BlobStore } from "@tandem/core/stores";
import type { Metrics } from "@tandem/core/strategy";
import { toldMetrics } from "@tandem/core/told-metrics";
import { endHashOf, endOf } from "./aggregate";
import type { Attendance } from "./attendance";
import type { Commits } from "./commits";
import { requireSigned } from "./device-keys";
import { clientInfo, type LiveClient, paceOf } from "./live-client";
import { reasonOf } from "./requests";
import { latenessOf } from "./round/late";
import type { RoundState } from "./round/round-state";
import { type Runtime, rulesOf } from "./runtime";
import { stateHashOf } from "./steps";

type Upload = {
  readonly round: number;
  readonly instruction: BlobHash;
  readonly hash: BlobHash;
  readonly metrics: Metrics;
};
type Sources = {
  readonly blobs: BlobStore;
  readonly commits: Commits;
  readonly attendance: Pick<Attendance, "awake">;
};

/** Commits that an upload is refused, and throws why, unless the client's key has signed it. */
export async function refuseUnsigned(
  sources: Sources,
  runtime: Runtime,
  client: LiveClient,
  upload: Upload & { readonly signature: string },
): Promise<void> {
  const { id, key } = client.record;
  try {
    requireSigned(key, { ...upload, experiment: runtime.record.id, client: id });
  } catch (error) {
    await refuse(sources, runtime, client, error);
  }
}

async function refuse(
  { commits, attendance }: Sources,
  runtime: Runtime,
  client: LiveClient,
  error: unknown,
): Promise<never> {
  const event = { type: "refused", client: client.record.id, ...reasonOf(error) } as const;
  await commits.dispatch(runtime, event, { refused: 1 });
  await attendance.awake(runtime, client);
  throw error;
}

/** Judges an upload, and commits what has become of it; throws why it cannot be taken. */
export async function takeUpload(
  sources: Sources,
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
    return refuse(sources, runtime, client, error);
  }
  if (timing === "in-time") runtime.uploads.taken(round, { client: clientInfo(client), hash });
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
  const asked = { ...upload, client: client.record.id };
  const timing = timingOf(runtime, asked);
  if (timing === "duplicate") return timing;
  checkMetrics(upload.metrics);
  const info = clientInfo(client);
  const state = timing === "late" ? endHashOf(runtime, round) : stateHashOf(runtime.state);
  const outline = await runtime.outlines(state, info, () =>
    timing === "late" ? endOf(runtime, round, blobs) : runtime.load(state),
  );
  await runtime.uploads.check(outline, { client: info, hash, bytes: () => blobs.get(hash) });
  // The round may have closed meanwhile.
  return timingOf(runtime, asked);
}

function timingOf(
  runtime: Runtime,
  asked: Pick<Upload, "round" | "instruction"> & { readonly client: string },
) {
  const { state } = runtime;
  const { client, round } = asked;
  if (round === state.round) {
    if (state.answers.has(client)) return "duplicate";
    if (state.phase === "collecting" && state.cohort.has(client)) {
      requireSameTask(state.instructions, asked);
      return "in-time";
    }
  }
  const lateness = latenessOf(rulesOf(runtime), state, asked);
  if (lateness.verdict === "open") {
    requireSameTask(lateness.closed.instructions, asked);
    return "late";
  }
  if (lateness.verdict === "duplicate") return "duplicate";
  throw new TandemError(
    "stale",
    round === state.round
      ? `Round ${round} does not collect from this client now: wait for the next.`
      : lateness.reason,
  );
}

/** An answer to another attempt at the round says nothing of this one. */
function requireSameTask(
  instructions: RoundState["instructions"] | undefined,
  {
    client,
    round,
    instruction,
  }: Pick<Upload, "round" | "instruction"> & { readonly client: string },
): void {
  const known = instructions?.get(client)?.hash;
  if (known !== undefined && known !== instruction)
    throw new TandemError(
      "stale",
      `The upload answers another instruction than round ${round} has sent: wait for the next.`,
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
