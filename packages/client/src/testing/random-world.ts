import { TandemError } from "@tandem/core/errors";
import { type BlobHash, blobHash } from "@tandem/core/ids";
import { createRng } from "@tandem/core/rng";
import type { Session } from "../session";
import { createScriptedServer } from "./scripted-server";
import { type Fit, openSession } from "./test-session";

const refusal = (code: string) => ({ ok: false as const, error: { code, message: `no: ${code}` } });
const lost = () => new TandemError("unavailable", "The connection was lost.");

/** A session, and a server that asks, refuses, drops and dismisses as the seed has it. */
export async function createRandomWorld(seed: number) {
  const rng = createRng(`session/${seed}`);
  const server = await createScriptedServer();
  const faults: string[] = [];
  const log: string[] = [];
  const answers: { readonly instruction: BlobHash; readonly upload: BlobHash }[] = [];
  /** What the server wants answered. */
  let open: { readonly round: number; readonly text: string } | undefined;
  /** What the client has been asked last. */
  let asked: { readonly round: number; readonly hash: string } | undefined;
  let round = 0;
  let slot = 0;
  let working = 0;
  let released = 0;
  let connections = 1;
  let isKind = false;
  let isOnline = true;
  let isReady = false;
  let ending: "finished" | "left" | "dismissed" | "full" | undefined;
  let leaving: Promise<void> | undefined;
  let session: Session | undefined;

  const chance = (share: number) => rng.uniform() < share;
  const mishap = (share: number) => !isKind && chance(share);
  const ask = () => (isReady && open ? server.instruct(open.round, open.text) : undefined);

  const fit: Fit = async ({ signal, progress }) => {
    if (++working > 1) faults.push(`${working} computations at once`);
    const [heeds, since] = [chance(0.7), connections];
    try {
      for (let i = rng.integer(8); i > 0; i--) {
        await new Promise((resolve) => setTimeout(resolve, rng.integer(200)));
        if (heeds) signal.throwIfAborted();
        progress("train", 0.5);
      }
      if (mishap(since === connections ? 0.05 : 0.5)) throw lost();
      if (mishap(0.1)) throw new Error("no such tensor");
    } finally {
      working--;
    }
  };
  const { start, flaky, store, state, fits } = await openSession(server, {
    fit,
    claimIdentity: async () => ({ index: 0, release: () => released++ }),
  });

  function check(what: string) {
    log.push(what);
    if (released > 0) faults.push(`${what} after the identity was released`);
    if (ending && /^(upload|blob|ready)/.test(what)) faults.push(`${what}, but ${ending}`);
  }
  const { request, putBlob } = flaky.channel;
  Object.assign(flaky.channel, {
    async request(event: "upload", body: Parameters<typeof request<"upload">>[1]) {
      check(`${event} ${body.round ?? ""}`);
      if (event === "upload") {
        if (body.round !== asked?.round) faults.push(`round ${body.round} for ${asked?.round}`);
        answers.push({ instruction: blobHash(asked?.hash ?? ""), upload: blobHash(body.hash) });
      }
      const since = connections;
      const reply = await request(event, body);
      if (!isOnline || since !== connections) throw lost();
      if (!reply.ok && reply.error.code === "full") ending ??= "full";
      return reply;
    },
    putBlob(...sent: Parameters<typeof putBlob>) {
      check("blob");
      return putBlob(...sent);
    },
  });
  flaky.channel.on("instruct", (instruction) => {
    log.push(`instruct ${instruction.round}`);
    asked = instruction;
  });
  flaky.channel.on("finish", () => {
    ending ??= "finished";
  });

  function drop() {
    if (!isOnline) return;
    log.push("drop");
    [isOnline, isReady] = [false, false];
    flaky.drop();
  }
  function restore() {
    if (isOnline || ending === "dismissed") return;
    log.push("restore");
    isOnline = true;
    connections++;
    flaky.restore();
  }
  function dismiss() {
    if (!isOnline || ending) return;
    [ending, isOnline, isReady] = ["dismissed", false, false];
    log.push("dismiss");
    server.dismiss();
  }
  function leave() {
    if (!session || (ending && ending !== "finished")) return;
    log.push("leave");
    ending = "left";
    leaving = session.leave();
  }

  let hasFinished = false;
  server.script.join = () => {
    if (hasFinished) server.finish();
    if (mishap(0.1)) return refusal("unavailable");
    if (mishap(0.02)) return refusal("full");
    if (mishap(0.1)) slot = 1 - slot;
    return server.offer(slot);
  };
  server.script.ready = () => {
    isReady = isOnline;
    void ask();
  };
  server.script.upload = () => {
    if (mishap(0.2)) return refusal(chance(0.5) ? "unavailable" : "bad-upload");
    const isLost = mishap(0.2);
    if (isLost) drop();
    if (isLost && chance(0.5)) throw lost();
    if (server.seen.uploads.at(-1)?.round !== open?.round) return refusal("stale");
    open = undefined;
    return { ok: true, duplicate: false };
  };
  server.script.fail = async () => {
    if (server.seen.fails.at(-1)?.round !== open?.round) return;
    if (isKind || chance(0.5)) await ask();
    else open = undefined;
  };

  const acts: readonly (() => unknown)[] = [
    () => {
      open = { round: ++round, text: "" };
      return ask();
    },
    () => {
      if (open) open = { ...open, text: `another attempt, ${rng.integer(100)}` };
      return ask();
    },
    ask,
    drop,
    restore,
    restore,
    () => {
      drop();
      restore();
    },
    () => server.status(round),
    () => server.restart(),
    () => chance(0.05) && dismiss(),
    () => chance(0.05) && leave(),
    () => {
      if (!chance(0.05)) return;
      hasFinished = true;
      if (isOnline) server.finish();
    },
  ];
  return {
    server,
    store,
    state,
    fits,
    faults,
    log,
    answers,
    start: async () => {
      session = await start().catch(() => undefined); // what keeps it out has been checked above
    },
    act: () => acts[rng.integer(acts.length)](),
    /** Until the next thing that happens, in milliseconds. */
    pauseMs: () => (chance(0.5) ? rng.integer(chance(0.2) ? 3000 : 200) : 0),
    /** Nothing more goes wrong, or things do again. */
    calm(on: boolean) {
      isKind = on;
      if (on) restore();
    },
    leave,
    now: () => ({ open, ending, session, leaving, released, isClosed: flaky.isClosed() }),
  };
}
