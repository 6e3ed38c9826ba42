import type { IncomingMessage, ServerResponse } from "node:http";
import { TandemError } from "@tandem/core/errors";
import { listed as inWords } from "@tandem/core/format";
import { toldOf } from "@tandem/core/told-error";
import { idOf, type Reply, send } from "@tandem/transport/http";
import { failed } from "@tandem/transport/replies";
import { type Rule, ruleOf } from "./access";
import type { Visitor } from "./accounts/accounts";
import type { Note } from "./audit/audit";

export type Call = {
  readonly request: IncomingMessage;
  /** Parts of the path that the route names with a colon. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly visitor: Visitor;
  /** Tells the audit log what only the handler knows. */
  readonly note: Note;
};
type Asking = Pick<Call, "request" | "parameters">;
/** Runs it for whoever asks; throws where the table does not let them. */
export type Admit = (
  call: Asking,
  rule: Rule,
  run: (admitted: Pick<Call, "visitor" | "note">) => Promise<Reply>,
) => Promise<Reply>;
export type Route = {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly handle: (call: Call) => Promise<Reply>;
};

type LogError = (error: unknown, request: IncomingMessage) => void;

/** Answers any request below the routes' prefix, also the unknown and the failed ones. */
export function createRouter(
  routes: readonly Route[],
  admit: Admit,
  logError: LogError,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const ask = createAsker(routes, admit, logError);
  return async (request, response) =>
    send(response, await ask(request, { method: request.method, url: request.url }), (error) =>
      logError(error, request),
    );
}

/**
 * What the routes answer to whoever has sent `request`, or why not; of this address instead of its own.
 * Throws for a route that is not in `access.ts`.
 */
export function createAsker(routes: readonly Route[], admit: Admit, logError: LogError) {
  type Asked = { readonly method: string | undefined; readonly url: string | undefined };
  const listed = routes.map((route) => ({
    ...route,
    rule: ruleOf("routes", `${route.method} ${route.path}`),
  }));
  const answer = async (request: IncomingMessage, asked: Asked): Promise<Reply> => {
    // Not by URL, to which "//" is no path, and which makes other paths of "..".
    const [, pathname, search] = /^([^?]*)(.*)$/s.exec(asked.url ?? "/") ?? [];
    const query = new URLSearchParams(search);
    const matches = listed.flatMap((route) => {
      const parameters = match(route.path, pathname);
      return parameters ? [{ route, parameters }] : [];
    });
    if (matches.length === 0) throw new TandemError("not-found", `there is no ${pathname}`);
    const method = asked.method === "HEAD" ? "GET" : asked.method;
    const found = matches.find(({ route }) => route.method === method);
    if (!found) return notAllowed(matches.map(({ route }) => route.method));
    const call = { request, parameters: found.parameters, query };
    const { rule, handle } = found.route;
    return admit(call, rule, (admitted) => handle({ ...call, ...admitted }));
  };
  return (request: IncomingMessage, asked: Asked): Promise<Reply> =>
    answer(request, asked).catch((error: unknown) => {
      if (!toldOf(error).isWhole) logError(error, request);
      return failed(error, idOf(request));
    });
}

const notAllowed = (methods: readonly string[]): Reply => {
  const reply = failed(new TandemError("not-supported", `use ${inWords(methods, "or")}`));
  return { ...reply, status: 405, headers: { ...reply.headers, allow: methods.join(", ") } };
};

function match(pattern: string, pathname: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const given = pathname.split("/");
  if (wanted.length !== given.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [i, part] of wanted.entries()) {
    if (part.startsWith(":")) parameters[part.slice(1)] = given[i];
    else if (part !== given[i]) return undefined;
  }
  return parameters;
}
