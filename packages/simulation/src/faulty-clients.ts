import type { Clock } from "@tandem/core/clock";
import { TandemError } from "@tandem/core/errors";
import type { TandemChannel, TandemNotices, TandemRequests } from "@tandem/protocol/events";
import type { ExperimentView } from "@tandem/protocol/view";
import type { Fate, FaultPlan } from "./faults";
import { createPatience } from "./patience";
import { createReopening } from "./reopening-channel";

/** Strikes clients as planned, in no time: see `createPatience`. */
export function createFaultyClients(
  plan: FaultPlan,
  options: { readonly view: () => Promise<ExperimentView>; readonly clock: Clock },
) {
  const { silence, hold, look, returnAll, clock, setDeadline } = createPatience(options);

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
          const keep = fate === "late" ? silence : hold;
          keep(slot, () => inner.request(event, body).then(resolve, reject));
          look();
        });
      if (fate === "disconnect") {
        reopen();
        throw new TandemError("unavailable", "The connection is closed.");
      }
      const reply = await inner.request(event, body);
      look();
      return reply;
    }
    inner.on("status", look);
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
          if (fate === "drop") silence(slot, async () => ready && inner.request("ready", ready));
          else if (fate === "freeze") hold(slot, async () => handler(body));
          else return handler(body);
          look();
        }),
    };
  }

  return { channel, returnAll, clock, setDeadline };
}
