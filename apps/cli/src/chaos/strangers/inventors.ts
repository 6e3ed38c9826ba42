import { type Kind, pick } from "./stranger";

/** What `/metrics` says of it is read after the run. */
export const inventors: Kind = {
  name: "inventors",
  does: "invent methods, ids of requests and names of events, and read /metrics",
  never: "one of them is in /metrics, or a stranger reads it",
  async visit({ http, socket, judge, rng, pause }) {
    const method = pick(rng, ["PROPFIND", "LOCK", "SUBSCRIBE", "TRACE", "PURGE"]);
    judge.refused(method, await http({ method, path: "/api/experiments" }));
    const id = { "x-request-id": `invented-${rng.integer(1e9)}` };
    judge.allowed("GET /healthz", await http({ path: "/healthz", headers: id }));
    for (const headers of [{}, { authorization: "Bearer invented-by-a-stranger" }])
      judge.refused("GET /metrics", await http({ path: "/metrics", headers }));
    const line = await socket();
    if (line) judge.refused("event", await line.ask(`invented${rng.integer(1e9)}`, {}));
    line?.close();
    await pause(200);
  },
};
