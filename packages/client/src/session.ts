import { codeOf, type ErrorCode, messageOf, TandemError } from "@tandem/core/errors";
import { type BlobHash, experimentId } from "@tandem/core/ids";
import { isOutOfMemory } from "@tandem/engine/out-of-memory";
import { type JoinReply, protocolVersion } from "@tandem/protocol/events";
import { answerRound, type Instruction } from "./answer-round";
import type { Identity } from "./identity";
import { isSameOffer, loadMember, type Member } from "./member";
import type { ClientState, JoinOptions } from "./messages";
import { retry } from "./retry";
import type { SessionHost } from "./session-host";
import { openClientMemory } from "./stored-context";

export type Session = { readonly leave: () => Promise<void>; readonly finished: Promise<void> };
type Options = Pick<JoinOptions, "experiment" | "modality" | "slot" | "name" | "identity">;

/**
 * Joins, loads the data, and answers every round until the experiment ends or the client leaves.
 * Owns the host's channel: it is closed when the session cannot begin, fails or leaves.
 */
export async function startSession(host: SessionHost, options: Options): Promise<Session> {
  let identity: Identity | undefined;
  try {
    const { experiment, identity: preferred } = options;
    identity = await host.claimIdentity({ experiment, preferred });
    return await begin(host, options, identity);
  } catch (error) {
    host.channel.close();
    identity?.release();
    throw error;
  }
}

/** An instruction that is being answered. */
type Task = {
  readonly round: number;
  readonly hash: BlobHash;
  readonly abort: AbortController;
  /** It has come once more meanwhile, over a new connection. */
  again: boolean;
};

async function begin(host: SessionHost, options: Options, identity: Identity): Promise<Session> {
  const { channel, store, update } = host;
  const { experiment } = options;
  const memory = openClientMemory(store, { experiment, identity: identity.index });
  let member: Member | undefined;
  let token = "";
  let task: Task | undefined;
  let work: Promise<void> = Promise.resolve();
  let over: "finished" | "left" | "failed" | undefined;
  let online = false;
  let speed: number | undefined;
  /** Counts connections, to know one from the next. */
  let connections = 0;
  let resolveFinished = () => {};
  const finished = new Promise<void>((resolve) => {
    resolveFinished = resolve;
  });

  function end(how: NonNullable<typeof over>, change: Partial<ClientState> = {}) {
    over = how;
    task?.abort.abort();
    if (how !== "finished") {
      channel.close();
      identity.release();
    }
    update({ phase: how, stage: undefined, ...change });
    resolveFinished();
  }

  channel.on("status", ({ round, rests = false }) => update({ round, rests }));
  channel.on("restart", () => {
    const message = "The server is restarting. This page goes on by itself when it is back.";
    if (!over) update({ error: { code: "unavailable", message } });
  });
  channel.on("finish", () => {
    if (over) return;
    over = "finished";
    if (member) end("finished"); // otherwise once there is something to show
  });
  channel.on("instruct", (instruction) => {
    const { round, hash } = instruction;
    if (over) return;
    if (task?.round === round && task.hash === hash && !task.abort.signal.aborted) {
      task.again = true;
      return;
    }
    task?.abort.abort();
    const next: Task = { round, hash, abort: new AbortController(), again: false };
    task = next;
    work = work
      .then(() => perform(instruction, next))
      .then(() => {
        if (task === next) task = undefined;
      });
  });

  /** Answers an instruction or reports why not. Never rejects. */
  async function perform(instruction: Instruction, own: Task): Promise<void> {
    const { signal } = own.abort;
    let since = connections;
    while (!signal.aborted && member) {
      own.again = false;
      try {
        const entered = () => entering;
        const measured = (now: number) => {
          speed = now;
        };
        const session = { member, memory, token, signal, entered, measured };
        await answerRound(host, instruction, session);
        if (!signal.aborted) update({ phase: "waiting", stage: undefined, fraction: 1 });
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (isOfConnection(error)) {
          const isBack = own.again;
          const isElsewhere = !online || since !== connections;
          since = connections;
          if (isBack) continue;
          // The server asks again when it sees this client again.
          if (isElsewhere) return update({ phase: "waiting", stage: undefined });
        }
        if (host.exhausted && isOutOfMemory(error)) return host.exhausted(error);
        update({ phase: "waiting", stage: undefined, error: shown(error) });
        if (task === own) task = undefined; // the server may ask again before it acknowledges
        const report = { round: own.round, message: messageOf(error).slice(0, 500) };
        await channel.request("fail", report).catch(() => {}); // offline: the deadline tells as much
        return;
      }
    }
  }

  async function join(): Promise<JoinReply> {
    const known = await memory.token();
    const { modality, slot, name } = options;
    const reply = await channel.request("join", {
      version: protocolVersion,
      experiment: experimentId(experiment),
      ...(known && { token: known }),
      ...(modality && { modality }),
      ...(slot !== undefined && { slot }),
      ...(name && { name }),
      device: host.device,
    });
    if (!reply.ok) throw refused(reply.error);
    return reply;
  }

  /** Takes the place over the present connection, with whatever it now holds. */
  async function enter(): Promise<void> {
    if (!task) update({ phase: "joining" });
    const joined = await join();
    if (member && !isSameOffer(member.joined, joined)) {
      task?.abort.abort();
      await work;
      member = undefined;
    }
    token = joined.token;
    await memory.setToken(token);
    if (!member) {
      update({ phase: "loading", identity: identity.index });
      await dropWhatIsOfAnother(joined);
      member = await loadMember(host, joined);
      const { shown, downloaded } = member;
      const history = await memory.history();
      update(({ bytesDown }) => ({ ...shown, history, bytesDown: bytesDown + downloaded }));
    }
    if (over === "finished") return end("finished");
    if (over) return;
    const { samples } = member.client;
    const reply = await channel.request("ready", {
      samples,
      device: host.device,
      ...(speed !== undefined && { speed }),
    });
    if (!reply.ok) throw refused(reply.error);
    if (!task && !over) update({ phase: "waiting" });
  }

  /** Weights and memory of a client that this one no longer is must not reach the server. */
  async function dropWhatIsOfAnother(joined: JoinReply): Promise<void> {
    try {
      const kept = (await memory.context())?.context.client;
      await memory.history();
      const isOwn =
        kept === undefined ||
        (kept.id === joined.client &&
          kept.architecture === joined.architecture &&
          kept.modality === joined.modality);
      if (!isOwn) await memory.forget();
    } catch (error) {
      if (codeOf(error) !== "corrupt") throw error;
      await memory.forget();
      update({
        error: { code: "corrupt", message: `${messageOf(error)} Training starts afresh.` },
      });
    }
  }

  /** Enters, and again when the connection changes meanwhile. */
  async function keepEntering(): Promise<void> {
    for (let since = -1; !over && since !== connections; ) {
      since = connections;
      try {
        await retry(enter, (error) => isOfConnection(error) && !over && since === connections);
      } catch (error) {
        if (!over && since === connections) throw error;
      }
    }
  }

  /** Whoever has joined with this token goes on with the place; here nothing of it is left. */
  async function giveUp(): Promise<void> {
    over = "failed";
    task?.abort.abort();
    await entering;
    await work;
    const message = "Another tab has taken this client over. Join again to take part as a new one.";
    await memory.clear().finally(() => end("failed", { error: { code: "conflict", message } }));
  }

  let isEntering = true;
  let entering: Promise<void> = Promise.resolve();
  channel.onConnection((now, dismissed) => {
    online = now;
    if (now) connections++;
    if (dismissed && !over) void giveUp();
    update({ connection: now ? "online" : "offline", ...(now && { error: undefined }) });
    if (!now || isEntering || over) return;
    isEntering = true;
    entering = keepEntering()
      .catch((error) => {
        // Offline: the next connection enters.
        if (!over && online) end("failed", { error: shown(error) });
      })
      .finally(() => {
        isEntering = false;
      });
  });
  await keepEntering();
  isEntering = false;

  return {
    finished,
    async leave() {
      if (over === "left" || over === "failed") return;
      over = "left";
      task?.abort.abort();
      await entering;
      await channel.request("leave", {}).catch(() => {}); // offline: the server has noticed
      await work;
      await memory.clear();
      end("left");
    },
  };
}

const refused = ({ code, message }: { readonly code: string; readonly message: string }) =>
  new TandemError(code as ErrorCode, message);
const isOfConnection = (error: unknown) =>
  codeOf(error) === "unavailable" || codeOf(error) === "timeout";
const shown = (error: unknown) => ({
  code: codeOf(error) ?? "unavailable",
  message: messageOf(error),
});
