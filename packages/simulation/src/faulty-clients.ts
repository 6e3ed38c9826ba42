import type { Clock } from "@tandem/core/clock";
import { TandemError } from "@tandem/core/errors";
import type { TandemChannel, TandemNotices, TandemRequests } from "@tandem/protocol/events";
import type { ExperimentView } from "@tandem/protocol/view";
import type { Fate, FaultPlan } from "./faults";
import { createReopening } from "./reopening-channel";

/** Goes on with what it was kept from. */
type Return = () => Promise<unknown>;

/**
 * Strikes clients as planned. Who is delayed goes on as soon as the round waits for nobody else, and then
 * the deadline passes for those who are silent: it costs no time, and what is measured does not depend on
 * the machine's speed.
 */
export function createFaultyClients(
  plan: FaultPlan,
  { view, clock }: { readonly view: () => Promise<ExperimentView>; readonly clock: Clock },
) {
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

  /** `open` makes a connection, once more where the plan has cut the last. */
  function channel(slot: number, open: () => TandemChannel): TandemChannel {
    const { channel: inner, reopen } = createReopening(open);
    const attempts = new Map<number, number>();
    const fates = new Map<number, Fate>();
    let corrupts = false;
    let ready: TandemRequests["ready"]["request"] | undefined;

    async function request<K extends keyof TandemRequests & string>(
      event: K,
      body: TandemRequests[K]["request"],
    ): Promise<TandemRequests[K]["reply"]> {
      if (event === "ready") ready = body as TandemRequests["ready"]["request"];
      const round = "round" in body && event === "upload" ? body.round : 0;
      const fate = fates.get(round);
      fates.delete(round);
      if (fate === "late" || fate === "delay")
        return new Promise((resolve, reject) => {
          const kept = fate === "late" ? silent : held;
          kept.set(slot, () => inner.request(event, body).then(resolve, reject));
          void look();
        });
      if (fate === "disconnect") {
        reopen();
        throw new TandemError("unavailable", "The connection is closed.");
      }
      const reply = await inner.request(event, body);
      void look();
      return reply;
    }
    inner.on("status", () => void look());
    return {
      ...inner,
      request,
      putBlob(bytes, token, signal) {
        const sent = corrupts ? bytes.slice(0, -7) : bytes;
        corrupts = false;
        return inner.putBlob(sent, token, signal);
      },
      on: (event, handler) =>
        inner.on(event, (body) => {
          if (event !== "instruct") return handler(body);
          const { round } = body as TandemNotices["instruct"];
          const attempt = (attempts.get(round) ?? 0) + 1;
          attempts.set(round, attempt);
          const fate = plan.fate(slot, round, attempt);
          fates.set(round, fate);
          corrupts = fate === "corrupt";
          if (fate === "drop") silent.set(slot, async () => ready && inner.request("ready", ready));
          else if (fate === "freeze") held.set(slot, async () => handler(body));
          else return handler(body);
          void look();
        }),
    };
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
    channel,
    returnAll,
    clock: patient,
    /** How long the rounds' deadline is: no other timer is as long. */
    setDeadline(ms: number) {
      deadlineMs = ms;
    },
  };
}
