import { TandemError } from "@tandem/core/errors";
import { noContent } from "@tandem/transport/replies";
import { readJson } from "../requests";
import type { Call, Route } from "../router";

const bodyBytes = 16 * 1024;

export const bodyOf = ({ request }: Call) => readJson(request, bodyBytes);

type Handle = Route["handle"];
export const get = (path: string, handle: Handle): Route => ({ method: "GET", path, handle });
export const post = (path: string, handle: Handle): Route => ({ method: "POST", path, handle });
export const put = (path: string, handle: Handle): Route => ({ method: "PUT", path, handle });
export const remove = (path: string, run: (call: Call) => Promise<unknown>): Route => ({
  method: "DELETE",
  path,
  handle: async (call) => {
    await run(call);
    return noContent;
  },
});

/** Throws `full` where there are as many as there may be. */
export function requireRoom(what: string, count: number, most: number): void {
  if (count >= most)
    throw new TandemError("full", `there are ${count} ${what}: revoke one that is not needed`);
}

export const missing = (what: string, id: string) =>
  new TandemError("not-found", `there is no ${what} ${id.slice(0, 64)}`);
