import type { Clock } from "@tandem/core/clock";
import type { ExperimentView } from "@tandem/protocol/view";

/** Goes on with what a client was kept from. */
type Return = () => Promise<unknown>;

/**
 * Keeps clients waiting, by place, and the deadline with them. Who is held goes on as soon as the round
 * waits for nobody else, and then the deadline passes for those who are silent: it costs no time, and what
 * is measured does not depend on the machine's speed.
 */
export function createPatience({
  view,
  clock,
}: {
  readonly view: () => Promise<ExperimentView>;
  readonly clock: Clock;
}) {
  /** Until the round is over. */
  const silent = new Map<number, Return>();
  /** Until all others have answered. */
  const held = new Map<number, Return>();
  const deadlines = new Set<() => void>();
  let deadlineMs = Number.POSITIVE_INFINITY;
  let returning = false;

  async function look(): Promise<void> {
    if (returning || silent.size + held.size === 0) return;
    const { status, phase, clients } = await view();
    if (status !== "running") return;
    // Nobody is left who could be asked again: a round that all have missed.
    if (phase === "recruiting") return returnAll();
    const awaited = clients.filter((client) => client.status === "working");
    if (phase !== "collecting" || awaited.length === 0) return;
    if (awaited.every(({ slot }) => silent.has(slot) || held.has(slot))) {
      if (held.size > 0) return release(held);
      for (const pass of deadlines) {
        deadlines.delete(pass);
        pass();
      }
    }
  }

  /** One after another by place, so that each run is the same. */
  async function release(kept: Map<number, Return>): Promise<void> {
    returning = true;
    for (const slot of [...kept.keys()].sort((a, b) => a - b)) {
      const goOn = kept.get(slot);
      kept.delete(slot);
      await goOn?.();
    }
    returning = false;
    void look();
  }
  async function returnAll(): Promise<void> {
    await release(held);
    await release(silent);
  }

  const patient: Clock = {
    now: () => clock.now(),
    after(delayMs, callback) {
      if (delayMs !== deadlineMs) return clock.after(delayMs, callback);
      deadlines.add(callback);
      void look();
      return () => deadlines.delete(callback);
    },
  };
  return {
    clock: patient,
    /** How long the rounds' deadline is: no other timer is as long. */
    setDeadline(ms: number) {
      deadlineMs = ms;
    },
    silence: (slot: number, goOn: Return) => void silent.set(slot, goOn),
    hold: (slot: number, goOn: Return) => void held.set(slot, goOn),
    /** Called whenever somebody may be all that the round waits for. */
    look: () => void look(),
    returnAll,
  };
}
