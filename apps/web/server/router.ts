import type { IncomingMessage, ServerResponse } from "node:http";
import { TandemError } from "@tandem/core/errors";
import { listed } from "@tandem/core/format";
import { toldOf } from "@tandem/core/told-error";
import { idOf, type Reply, send } from "@tandem/transport/http";
import { failed } from "@tandem/transport/replies";

export type Call = {
  readonly request: IncomingMessage;
  /** Parts of the path that the route names with a colon. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
};
export type Route = {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly handle: (call: Call) => Promise<Reply>;
};

type LogError = (error: unknown, request: IncomingMessage) => void;

/** Answers any request below the routes' prefix, also the unknown and the failed ones. */
export function createRouter(
  routes: readonly Route[],
  logError: LogError,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const ask = createAsker(routes, logError);
  return async (request, response) =>
    send(response, await ask(request, { method: request.method, url: request.url }));
}

/** What the routes answer to whoever has sent `request`, or why not; of this address instead of its own. */
export function createAsker(routes: readonly Route[], logError: LogError) {
  type Asked = { readonly method: string | undefined; readonly url: string | undefined };
  const answer = async (request: IncomingMessage, asked: Asked): Promise<Reply> => {
    // Not by URL, to which "//" is no path, and which makes other paths of "..".
    const [, pathname, search] = /^([^?]*)(.*)$/s.exec(asked.url ?? "/") ?? [];
    const query = new URLSearchParams(search);
    const matches = routes.flatMap((route) => {
      const parameters = match(route.path, pathname);
      return parameters ? [{ route, parameters }] : [];
    });
    if (matches.length === 0) throw new TandemError("not-found", `there is no ${pathname}`);
    const method = asked.method === "HEAD" ? "GET" : asked.method;
    const found = matches.find(({ route }) => route.method === method);
    if (!found) return notAllowed(matches.map(({ route }) => route.method));
    return found.route.handle({ request, parameters: found.parameters, query });
  };
  return (request: IncomingMessage, asked: Asked): Promise<Reply> =>
    answer(request, asked).catch((error: unknown) => {
      if (!toldOf(error).isWhole) logError(error, request);
      return failed(error, idOf(request));
    });
}

const notAllowed = (methods: readonly string[]): Reply => {
  const reply = failed(new TandemError("not-supported", `use ${listed(methods, "or")}`));
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
