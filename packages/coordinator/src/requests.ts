import type { Clock } from "@tandem/core/clock";
import { codeOf, messageOf, TandemError } from "@tandem/core/errors";
import { createLimiter } from "@tandem/core/limiter";
import { toldOf } from "@tandem/core/told-error";
import type { requests, TandemConnection, TandemRequests } from "@tandem/protocol/events";
import { storableOf } from "@tandem/protocol/text";
import type * as z from "zod/mini";
import type { CoordinatorOptions } from "./ports";

export type Requests = {
  readonly [K in keyof typeof requests]: z.infer<(typeof requests)[K]["request"]>;
};
type Reply<K extends keyof Requests> = TandemRequests[K]["reply"];

/** Of one connection; twice as many reports of progress. */
const defaultRequestsPerSecond = 10;

/**
 * Handles a connection's requests, so many a second; what is thrown becomes a refusal, and goes to the
 * log where a refusal does not tell all of it.
 */
export function limitedRequests(
  connection: TandemConnection,
  clock: Clock,
  log: CoordinatorOptions["log"],
  perSecond = defaultRequestsPerSecond,
) {
  const mayReport = createLimiter(clock, { perSecond: 2 * perSecond, burst: 4 * perSecond });
  const mayAsk = createLimiter(clock, { perSecond, burst: 4 * perSecond });
  return <K extends keyof Requests>(event: K, work: (body: Requests[K]) => Promise<Reply<K>>) =>
    connection.handle(event, async (body) => {
      try {
        if (!(event === "progress" ? mayReport : mayAsk)())
          throw new TandemError("too-many", `Too many "${event}" requests: wait a second.`);
        return await work(body as Requests[K]);
      } catch (error) {
        if (!toldOf(error).isWhole)
          log("request refused", { event, connection: connection.id, message: messageOf(error) });
        return { ok: false, error: reasonOf(error) } as Reply<K>; // any reply may be a refusal
      }
    });
}

/** An error as a client is told it. */
export function reasonOf(error: unknown): { readonly code: string; readonly message: string } {
  return {
    code: codeOf(error) ?? "unavailable",
    message: storableOf(toldOf(error).message.slice(0, 499)),
  };
}
