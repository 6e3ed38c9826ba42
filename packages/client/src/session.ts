import { codeOf, messageOf, unreachable } from "@tandem/core/errors";
import { refused } from "./failures";
import type { Identity } from "./identity";
import type { ClientState, JoinOptions } from "./messages";
import { openOwnKey } from "./own-key";
import { createPlace, type PlaceOptions } from "./place";
import type { SessionHost } from "./session-host";
import { type Ending, isOver, type SessionState } from "./session-state";
import { openClientMemory } from "./stored-context";
import { createTasks } from "./tasks";

export type Session = {
  /** `erase`: and has the server erase what it has sent. */
  readonly leave: (how?: { readonly erase: boolean }) => Promise<void>;
  readonly finished: Promise<void>;
};
type Options = PlaceOptions & Pick<JoinOptions, "identity">;

/**
 * Joins, loads the data, and answers every round until the experiment ends or the client leaves.
 * Owns the host's channel: it is closed when the session cannot begin, fails or leaves.
 */
export async function startSession(host: SessionHost, options: Options): Promise<Session> {
  let identity: Identity | undefined;
  let isDismissed = false;
  const unwatch = host.channel.onConnection((_, dismissed = false) => {
    isDismissed ||= dismissed;
  });
  try {
    const { experiment, identity: preferred } = options;
    identity = await host.claimIdentity({ experiment, preferred });
    // No other connection would come.
    if (isDismissed) throw refused(takenOver.error);
    return await begin(host, options, identity);
  } catch (error) {
    host.channel.close();
    identity?.release();
    throw error;
  } finally {
    unwatch();
  }
}

async function begin(host: SessionHost, options: Options, identity: Identity): Promise<Session> {
  const { channel, store, keys, update } = host;
  const { index } = identity;
  const self = { experiment: options.experiment, identity: index };
  const memory = openClientMemory(store, self);
  const key = openOwnKey(keys, self);
  const state: SessionState = {
    phase: { type: "entering", isLast: false },
    online: false,
    connections: 0,
  };
  const tasks = createTasks(host, { memory, key, state, entered: () => place.entered() });
  const own = { identity: index, memory, key };
  const place = createPlace(host, { ...options, ...own, state, tasks, end });
  let resolveFinished = () => {};
  const finished = new Promise<void>((resolve) => {
    resolveFinished = resolve;
  });

  function end(how: Ending, change: Partial<ClientState> = {}) {
    state.phase = { type: "over", how };
    tasks.abort();
    if (how !== "finished") {
      channel.close();
      identity.release();
    }
    update({ phase: how, stage: undefined, ...change });
    resolveFinished();
  }

  channel.on("status", ({ round, rests = false, phase: standing, clients: ready }) =>
    update({ round, rests, standing, ready }),
  );
  channel.on("restart", () => {
    const message = "The server is restarting. This page goes on by itself when it is back.";
    if (!isOver(state)) update({ error: { code: "unavailable", message } });
  });
  channel.on("instruct", (instruction) => {
    if (state.phase.type === "member") tasks.take(instruction); // others have not said that they are ready
  });
  channel.on("finish", ({ removed }) => {
    const { phase } = state;
    if (removed && phase.type !== "over") return void place.giveUp("removed");
    switch (phase.type) {
      case "entering":
        state.phase = { type: "entering", isLast: true };
        return;
      case "member":
        return end("finished");
      case "over":
        return;
      default:
        unreachable(phase);
    }
  });
  channel.on("dismissed", ({ reason: message }) => {
    if (!isOver(state)) void place.giveUp("failed", { error: { code: "forbidden", message } });
  });
  let why: Pick<ClientState, "error"> = takenOver;
  channel.on("cut", (error) => {
    why = { error };
  });
  channel.onConnection((online, dismissed) => {
    state.online = online;
    if (online) {
      state.connections++;
      why = takenOver;
    }
    if (dismissed && !isOver(state)) void place.giveUp("failed", why);
    update({ connection: online ? "online" : "offline", ...(online && { error: undefined }) });
    if (online) place.enterAgain();
  });
  await place.enter().catch((error) => {
    state.phase = { type: "over", how: "failed" };
    tasks.abort();
    throw error;
  });

  return {
    finished,
    async leave({ erase } = { erase: false }) {
      const { phase } = state;
      if (phase.type === "over" && phase.how !== "finished") return;
      state.phase = { type: "over", how: "left" };
      tasks.abort();
      await place.entered();
      const error = erase ? await failureOf(() => place.erase()) : undefined;
      if (!erase || error) await channel.request("leave", {}).catch(() => {}); // offline: the server has noticed
      await tasks.idle();
      await place.clear(erase && !error).finally(() => end("left", { error }));
    },
  };
}

/** Leaving goes on without it: it can be asked for later. */
const failureOf = (work: () => Promise<void>) =>
  work().then(
    () => undefined,
    (error) => ({
      code: codeOf(error) ?? "unavailable",
      message: `What this tab has sent is not erased yet: ${messageOf(error)} You can ask for it on this page later.`,
    }),
  );

const takenOver = {
  error: {
    code: "conflict",
    message: "Another tab has taken this client over. Join again to take part as a new one.",
  },
};
