import { codeOf } from "@tandem/core/errors";
import { emptyPayload } from "@tandem/core/payload";
import type { Metrics } from "@tandem/core/strategy";
import { toldMetrics } from "@tandem/core/told-metrics";
import { maxSpeed, type TandemNotices } from "@tandem/protocol/events";
import { packPayload, unpackPayload } from "@tandem/protocol/payload-codec";
import { refused } from "./failures";
import { handle } from "./handle";
import type { Member } from "./member";
import type { RoundResult } from "./messages";
import type { OwnKey } from "./own-key";
import { retry } from "./retry";
import type { SessionHost } from "./session-host";
import type { Answer, ClientMemory } from "./stored-context";

export type Instruction = TandemNotices["instruct"];

/** Replies that speak of the answer itself: sent again it would be refused again. */
const aboutTheAnswer: readonly string[] = [
  "bad-data",
  "bad-upload",
  "corrupt",
  "not-found",
  "too-large",
];

/** Computes what a round asks, or takes it from the store, and uploads it. */
export async function answerRound(
  host: SessionHost,
  { round, hash }: Instruction,
  session: {
    readonly member: Member;
    readonly memory: ClientMemory;
    readonly key: OwnKey;
    readonly token: string;
    readonly signal: AbortSignal;
    /** Resolves once the present connection has joined. */
    readonly entered: () => Promise<void>;
    /** Told how many samples a second the training went through. */
    readonly measured: (speed: number) => void;
  },
): Promise<void> {
  const { channel, update } = host;
  const { memory, token, signal } = session;
  update({ phase: "working", round, stage: "download", fraction: 0, error: undefined });
  const before = await memory.context();
  const known = before?.answer;
  const isKnown = known?.round === round && known.instruction === hash;
  let speed: number | undefined;
  const { upload, metrics } = isKnown ? known : await compute();

  async function compute(): Promise<Answer> {
    const instruction = await channel.getBlob(hash, signal);
    update((state) => ({ bytesDown: state.bytesDown + instruction.length }));
    const started = host.now();
    const { reply, context } = await handle(
      session.member.hostOf(signal, reporter(host, { round, signal })),
      { memory: emptyPayload, ...before?.context, client: session.member.client },
      { round, payload: await unpackPayload(instruction) },
    );
    signal.throwIfAborted(); // a strategy need not have looked
    const seconds = (host.now() - started) / 1000;
    if (seconds > 0) {
      speed = Math.min(maxSpeed, session.member.client.samples / seconds);
      if (speed > 0) session.measured(speed);
    }
    update({ phase: "uploading", stage: "upload", fraction: 0 });
    const bytes = await packPayload(reply.update);
    const put = await channel.putBlob(bytes, token, signal);
    update((state) => ({ bytesUp: state.bytesUp + bytes.length }));
    signal.throwIfAborted();
    const { metrics } = reply;
    const answer = { round, instruction: hash, upload: put, metrics };
    if (!before?.context.weights && context.weights)
      await memory.setModel("first", { weights: context.weights, metrics, rounds: 1 });
    await memory.setContext({ context, answer });
    return answer;
  }

  async function send(): Promise<void> {
    const { id: client } = session.member.client;
    const answer = { round, instruction: hash, hash: upload };
    const signature = await session.key.signUpload({ ...answer, client });
    await untilAborted(session.entered(), signal);
    const reply = await channel.request("upload", {
      ...answer,
      signature,
      metrics: toldMetrics(metrics, session.member.heldOut),
      ...(speed && { speed }),
    });
    if (!reply.ok) throw refused(reply.error);
  }

  try {
    // A refusal as "unavailable" comes from a server that is about to mend itself.
    await retry(send, (error) => !signal.aborted && codeOf(error) === "unavailable");
  } catch (error) {
    signal.throwIfAborted();
    // Too late, which is nobody's failure. The answer stays for the case that it is asked again.
    if (codeOf(error) === "stale") return;
    if (aboutTheAnswer.includes(codeOf(error) ?? ""))
      await memory.setContext(isKnown && before ? { context: before.context } : before);
    throw error;
  }
  signal.throwIfAborted();
  const past = (await memory.history()).filter((result) => result.round !== round);
  const history = [...past, resultOf(round, metrics)];
  await memory.setHistory(history);
  update({ history });
}

/** Tells the page of every step, and the server at most four times a second. */
function reporter(
  { channel, now, update }: SessionHost,
  { round, signal }: { readonly round: number; readonly signal: AbortSignal },
) {
  let last = 0;
  return (
    stage: "train" | "transfer" | "extract" | "evaluate",
    fraction: number,
    loss?: number,
  ) => {
    if (signal.aborted) return;
    const progress = { stage, fraction, ...(loss !== undefined && { loss }) };
    update(progress);
    if (now() - last < 250) return;
    last = now();
    channel.request("progress", { round, ...progress }).catch(() => {}); // a lost report is not missed
  };
}

const resultOf = (round: number, metrics: Metrics): RoundResult => ({
  round,
  accuracy: metrics.accuracy,
  ...(metrics["accuracy/image"] !== undefined && { image: metrics["accuracy/image"] }),
  ...(metrics["accuracy/text"] !== undefined && { text: metrics["accuracy/text"] }),
});

async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await Promise.race([
    work,
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  ]);
}
