import type { ClientChannel } from "@tandem/core/channel";
import type { Clock } from "@tandem/core/clock";
import type { TandemContract } from "@tandem/protocol/events";
import type { ExperimentView } from "@tandem/protocol/view";
import type { FaultPlan } from "./faults";

type Channel = ClientChannel<TandemContract>;
type Requests = TandemContract["requests"];
/** Comes back after a round in which it was silent. */
type Return = () => Promise<unknown>;

/**
 * Lets clients fall silent as planned. A deadline passes as soon as the round waits for nobody else: it
 * costs no time, and what is measured does not depend on the machine's speed.
 */
export function createFaultyClients(
  plan: FaultPlan,
  { view, clock }: { readonly view: () => Promise<ExperimentView>; readonly clock: Clock },
) {
  const silent = new Map<number, Return>();
  const deadlines = new Set<() => void>();
  let deadlineMs = Number.POSITIVE_INFINITY;
  let returning = false;

  async function look(): Promise<void> {
    if (returning || silent.size === 0) return;
    const { status, phase, clients } = await view();
    if (status !== "running") return;
    // Nobody is left who could be asked again: a round that all have missed.
    if (phase === "recruiting") return returnAll();
    const awaited = clients.filter((client) => client.status === "working");
    if (phase !== "collecting" || awaited.length === 0) return;
    if (awaited.every(({ slot }) => silent.has(slot))) {
      for (const pass of deadlines) {
        deadlines.delete(pass);
        pass();
      }
    }
  }

  /** One after another by place, so that each run is the same. */
  async function returnAll(): Promise<void> {
    returning = true;
    for (const slot of [...silent.keys()].sort((a, b) => a - b)) {
      const comeBack = silent.get(slot);
      silent.delete(slot);
      await comeBack?.();
    }
    returning = false;
    void look();
  }

  function channel(slot: number, inner: Channel): Channel {
    const attempts = new Map<number, number>();
    const fates = new Map<number, ReturnType<FaultPlan["fate"]>>();
    let ready: Requests["ready"]["request"] | undefined;

    async function request<K extends keyof Requests & string>(
      event: K,
      body: Requests[K]["request"],
    ): Promise<Requests[K]["reply"]> {
      if (event === "ready") ready = body as Requests["ready"]["request"];
      const round = "round" in body && event === "upload" ? body.round : 0;
      if (fates.get(round) === "late") {
        fates.delete(round);
        return new Promise((resolve, reject) => {
          silent.set(slot, () => inner.request(event, body).then(resolve, reject));
          void look();
        });
      }
      const reply = await inner.request(event, body);
      void look();
      return reply;
    }
    inner.on("status", () => void look());
    return {
      ...inner,
      request,
      on: (event, handler) =>
        inner.on(event, (body) => {
          if (event !== "instruct") return handler(body);
          const { round } = body as TandemContract["notices"]["instruct"];
          const attempt = (attempts.get(round) ?? 0) + 1;
          attempts.set(round, attempt);
          const fate = plan.fate(slot, round, attempt);
          fates.set(round, fate);
          if (fate !== "drops") return handler(body);
          silent.set(slot, async () => ready && inner.request("ready", ready));
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
