import { messageOf } from "@tandem/core/errors";
import { isOutOfMemory } from "@tandem/engine/out-of-memory";
import { answerRound, type Instruction } from "./answer-round";
import { isOfConnection, shown } from "./failures";
import type { OwnKey } from "./own-key";
import type { SessionHost } from "./session-host";
import type { SessionState } from "./session-state";
import type { ClientMemory } from "./stored-context";

/** The instructions of a session, answered one at a time. */
export type Tasks = {
  /** Answers it, instead of the one before unless that is the same. */
  readonly take: (instruction: Instruction) => void;
  readonly isBusy: () => boolean;
  readonly abort: () => void;
  /** Resolves once nothing is worked on any more. */
  readonly idle: () => Promise<void>;
};

type Task = {
  readonly instruction: Instruction;
  readonly abort: AbortController;
  /** It has come once more meanwhile, over a new connection. */
  again: boolean;
};

export function createTasks(
  host: SessionHost,
  options: {
    readonly memory: ClientMemory;
    readonly key: OwnKey;
    readonly state: SessionState;
    /** Resolves once the present connection has joined. */
    readonly entered: () => Promise<void>;
  },
): Tasks {
  const { channel, update } = host;
  const { memory, key, state, entered } = options;
  let task: Task | undefined;
  let work: Promise<void> = Promise.resolve();

  function take(instruction: Instruction): void {
    if (task && !task.abort.signal.aborted && isSame(task.instruction, instruction)) {
      task.again = true;
      return;
    }
    task?.abort.abort();
    const next: Task = { instruction, abort: new AbortController(), again: false };
    task = next;
    work = work
      .then(() => perform(next))
      .then(() => {
        if (task === next) task = undefined;
      });
  }

  /** Answers an instruction or reports why not. Never rejects. */
  async function perform(own: Task): Promise<void> {
    const { signal } = own.abort;
    for (let since = state.connections; !signal.aborted && state.phase.type === "member"; ) {
      own.again = false;
      const { member, token } = state.phase;
      const measured = (speed: number) => {
        state.speed = speed;
      };
      try {
        const session = { member, memory, key, token, signal, entered, measured };
        await answerRound(host, own.instruction, session);
        if (!signal.aborted) update({ phase: "waiting", stage: undefined, fraction: 1 });
        return;
      } catch (error) {
        if (signal.aborted) return;
        const isElsewhere = !state.online || since !== state.connections;
        since = state.connections;
        if (!isOfConnection(error)) return report(own, error);
        if (own.again) continue;
        if (!isElsewhere) return report(own, error);
        // The server asks again when it sees this client again.
        return update({ phase: "waiting", stage: undefined });
      }
    }
  }

  async function report(own: Task, error: unknown): Promise<void> {
    if (host.exhausted && isOutOfMemory(error)) return host.exhausted(error);
    update({ phase: "waiting", stage: undefined, error: shown(error) });
    if (task === own) task = undefined; // the server may ask again before it acknowledges
    const { round } = own.instruction;
    const failure = { round, message: messageOf(error).slice(0, 500) };
    await channel.request("fail", failure).catch(() => {}); // offline: the deadline tells as much
  }

  return {
    take,
    isBusy: () => task !== undefined,
    abort: () => task?.abort.abort(),
    idle: () => work,
  };
}

const isSame = (a: Instruction, b: Instruction) => a.round === b.round && a.hash === b.hash;
