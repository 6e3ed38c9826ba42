import { requests } from "@tandem/protocol/events";

type EventName = keyof typeof requests;
type Failure = {
  readonly ok: false;
  readonly error: { readonly code: "bad-message" | "unavailable"; readonly message: string };
};
export type Handler = (body: never) => Promise<unknown>;

/** What a handler answers to a body that has passed the event's schema, or why it was not asked. */
export async function answerRequest(
  handlers: ReadonlyMap<string, Handler>,
  event: unknown,
  body: unknown,
): Promise<unknown> {
  const handler = typeof event === "string" ? handlers.get(event) : undefined;
  if (!handler || typeof event !== "string" || !Object.hasOwn(requests, event))
    return failure("bad-message", `There is no event "${String(event).slice(0, 40)}".`);
  const parsed = requests[event as EventName].request.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue.path.join(".") || "body";
    return failure("bad-message", `${event}: ${field}: ${issue.message}`);
  }
  try {
    return await handler(parsed.data as never); // the schema of this very event
  } catch {
    // What broke is the server's own affair; the client only has to know that it may ask again.
    return failure("unavailable", `The server could not answer "${event}".`);
  }
}

const failure = (code: Failure["error"]["code"], message: string): Failure => ({
  ok: false,
  // The contract takes neither NUL nor half surrogate pairs.
  error: { code, message: message.slice(0, 499).replace(/[\0\p{Surrogate}]/gu, "") },
});
