import { codeOf, messageOf } from "@tandem/core/errors";
import { lazily } from "@tandem/core/lazily";
import type { ClientStore } from "@tandem/core/stores";
import type { JoinReply } from "@tandem/protocol/events";
import { eraseOnServer, hasLeftBehind, leaveBehind } from "./erasure";
import { isOfConnection, refused, shown } from "./failures";
import { createJoin, type Wanted } from "./join";
import { isSameOffer, loadMember, type Member, withoutData } from "./member";
import type { ClientState, JoinOptions } from "./messages";
import { trainsOwn } from "./model-maker";
import { type OwnData, openOwnData } from "./own-data";
import { openOwnEncoder, pinOf } from "./own-encoder";
import { keyNameOf, type OwnKey } from "./own-key";
import { retry } from "./retry";
import type { SessionHost } from "./session-host";
import { type Ending, isOver, type SessionState } from "./session-state";
import type { ClientMemory } from "./stored-context";
import type { Tasks } from "./tasks";

export type PlaceOptions = Wanted & Pick<JoinOptions, "task">;

/** A session's place in the experiment. */
export type Place = {
  /** Takes it for the first time; throws what keeps the client out. */
  readonly enter: () => Promise<void>;
  /** Takes it over a new connection, or ends the session. */
  readonly enterAgain: () => void;
  /** Resolves once the present connection has joined, or cannot. */
  readonly entered: () => Promise<void>;
  /** It is another tab's, or nobody's any more: the session ends. */
  readonly giveUp: (how: Ending, change?: Partial<ClientState>) => Promise<void>;
  /** Has the server erase what came from it; throws what it answers. */
  readonly erase: () => Promise<void>;
  /** Nothing of it is kept here, save for what erasure needs while there is something to erase. */
  readonly clear: (isErased: boolean) => Promise<void>;
};

export function createPlace(
  host: SessionHost,
  options: PlaceOptions & {
    /** Which of this browser's clients it is. */
    readonly identity: number;
    readonly memory: ClientMemory;
    readonly key: OwnKey;
    readonly state: SessionState;
    readonly tasks: Tasks;
    readonly end: (how: Ending, change?: Partial<ClientState>) => void;
  },
): Place {
  const { channel, update } = host;
  const { identity, memory, state, tasks, key, end } = options;
  const self = { experiment: options.experiment, identity };
  let isEntering = true;
  let entering: Promise<void> = Promise.resolve();
  // What is added or removed meanwhile is for the next session.
  const brought = lazily(() => readBrought(host.store, options.task));
  const broughtEncoder = lazily(() => openOwnEncoder(host.store, options.experiment).read());
  const join = createJoin(host, {
    ...options,
    brought,
    broughtEncoder,
    isOver: () => isOver(state),
  });

  /** Takes the place over the present connection, with whatever it now holds. */
  async function take(): Promise<void> {
    if (!tasks.isBusy()) update({ phase: "joining" });
    const joined = await join();
    if (isOver(state)) return;
    const { phase } = state;
    const isSame = phase.type === "member" && isSameOffer(phase.member.joined, joined);
    if (phase.type === "member" && !isSame) {
      tasks.abort();
      await tasks.idle();
      if (isOver(state)) return;
      state.phase = { type: "entering", isLast: false };
    }
    await memory.setToken(joined.token);
    const member = isSame ? phase.member : await load(joined);
    if (isOver(state)) return;
    if (state.phase.type === "entering" && state.phase.isLast) return end("finished");
    state.phase = { type: "member", member, token: joined.token };
    const { samples } = member.client;
    const { speed } = state;
    const ready = { samples, device: host.device, ...(speed !== undefined && { speed }) };
    const reply = await channel.request("ready", ready);
    if (!reply.ok) throw refused(reply.error);
    if (!tasks.isBusy() && !isOver(state)) update({ phase: "waiting" });
  }

  async function load(joined: JoinReply): Promise<Member> {
    update({ phase: "loading", identity });
    const encoder = trainsOwn(joined) ? await broughtEncoder.get() : undefined;
    const ownEncoder = encoder && pinOf(encoder);
    await dropWhatIsOfAnother({ ...joined, ownEncoder }, { memory, update });
    const { shard, test, vocabulary } = joined;
    await memory.setData([shard, test, vocabulary].flatMap((one) => (one ? [one.hash] : [])));
    const member = await loadMember(host, joined, await brought.get(), encoder);
    const { task } = options;
    const { pictures } = member;
    await memory.setStudy({
      joined,
      ...(task !== undefined && { task }),
      ...(pictures && { pictures }),
      ...(ownEncoder !== undefined && { ownEncoder }),
    });
    const history = await memory.history();
    update(({ bytesDown }) => ({
      ...member.shown,
      history,
      bytesDown: bytesDown + member.downloaded,
    }));
    return member;
  }

  /** Takes the place, and again when the connection changes meanwhile. */
  async function keepEntering(): Promise<void> {
    isEntering = true;
    try {
      for (let since = -1; !isOver(state) && since !== state.connections; ) {
        since = state.connections;
        const isThis = () => !isOver(state) && since === state.connections;
        try {
          await retry(take, (error) => isOfConnection(error) && isThis());
        } catch (error) {
          // Offline: the next connection enters.
          if (isThis() && state.online) throw error;
        }
      }
    } finally {
      isEntering = false;
    }
  }

  /** Nothing of it is left here, save for a model that has learned something in a study that is gone. */
  async function giveUp(how: Ending, change: Partial<ClientState> = {}): Promise<void> {
    state.phase = { type: "over", how };
    tasks.abort();
    await entering;
    await tasks.idle();
    if (how === "removed") {
      const history = await memory.history().catch(() => []); // what cannot be read is of no use
      if (history.length > 0) return end(how, { ...change, history });
    }
    await clear(how === "removed").then(
      () => end(how, change),
      (error) => end("failed", { error: shown(error) }),
    );
  }

  async function clear(isErased: boolean): Promise<void> {
    if (isErased) await Promise.all([memory.clear(), key.forget()]);
    else await leaveBehind(host, self, memory);
    const isKept = await hasLeftBehind(host, self.experiment);
    if (isErased || isKept) update({ sent: isErased ? "erased" : "kept" });
  }

  return {
    clear,
    erase: async () =>
      eraseOnServer(host, { ...self, name: keyNameOf(self), token: await memory.token() }),
    enter() {
      const first = keepEntering();
      entering = first.catch(() => {}); // whoever has called hears of it
      return first;
    },
    enterAgain() {
      if (isEntering || isOver(state)) return;
      entering = keepEntering().catch((error) => {
        if (isOver(state)) return;
        // It knew the experiment before.
        if (codeOf(error) === "not-found") void giveUp("removed");
        else end("failed", { error: shown(error) });
      });
    },
    entered: () => entering,
    giveUp,
  };
}

async function readBrought(
  store: ClientStore,
  task: string | undefined,
): Promise<OwnData | undefined> {
  if (task === undefined) return undefined;
  const own = await openOwnData(store, task).read();
  if (!own) throw withoutData();
  return own;
}

/** Weights and memory of a client that this one no longer is must not reach the server. */
async function dropWhatIsOfAnother(
  joined: JoinReply & { readonly ownEncoder: string | undefined },
  { memory, update }: { readonly memory: ClientMemory; readonly update: SessionHost["update"] },
): Promise<void> {
  try {
    const kept = (await memory.context())?.context.client;
    await memory.history();
    const isOwn =
      kept === undefined ||
      (kept.id === joined.client &&
        kept.architecture === joined.architecture &&
        (await memory.study())?.ownEncoder === joined.ownEncoder &&
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
