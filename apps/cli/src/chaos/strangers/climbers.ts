import { type Kind, pick } from "./stranger";

export const climbers: Kind = {
  name: "climbers",
  does: "ask for paths with .. in all spellings, and for what only this machine may read",
  never: "one is answered",
  async visit({ http, judge, around, rng, pause }) {
    const { honest } = around.experiments;
    const path = pick(rng, [
      "/experiments/..%2f..%2fmetrics",
      "/join/..%2f..%2fapi%2fexperiments",
      `/api/experiments/${honest}/..%2f..%2f..%2fmetrics`,
      "/api/..%2fmetrics",
      "/api/../metrics",
      "/../../etc/passwd",
      "/%2e%2e/%2e%2e/etc/passwd",
      "/tfjs/..%2f..%2fpackage.json",
      "/backbones/..%2f..%2fcookie-secret",
      "/backbones/%2e%2e/cookie-secret",
      "/api/blobs/..%2f..%2fetc%2fpasswd",
      "/api/experiments/__proto__",
      "/metrics",
      "/metrics?a=%ff",
      "//metrics",
      "/%00",
      "//",
      "/.env",
      "http://elsewhere.example/metrics",
    ]);
    const forged = pick(rng, [{}, { "x-real-ip": "127.0.0.1" }, { forwarded: "for=127.0.0.1" }]);
    judge.refused(`GET ${path}`, await http({ path, headers: forged }));
    judge.refused(`GET ${path}`, await http({ path }, `127.0.0.1, ${"198.51.100.99"}`));
    await pause(30);
  },
};
