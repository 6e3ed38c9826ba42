import { type Kind, pick } from "./stranger";

const wanted: Readonly<Record<string, RegExp>> = {
  "content-security-policy": /default-src 'none'.*frame-ancestors 'none'/,
  "x-frame-options": /^DENY$/,
  "x-content-type-options": /^nosniff$/,
  "referrer-policy": /^same-origin$/,
  "permissions-policy": /microphone=\(\)/,
  "cross-origin-opener-policy": /^same-origin$/,
};

/** Without pages: what they have is in `e2e/policy.spec.ts`. */
export const framers: Kind = {
  name: "framers",
  does: "ask for answers of all kinds, and look at their headers",
  never: "one can be framed, or lacks a header that every answer has",
  async visit({ http, judge, around, rng, pause }) {
    const path = pick(rng, [
      "/healthz",
      "/metrics",
      "/nowhere",
      "/api/experiments",
      "/api/me",
      `/api/experiments/${around.experiments.honest}/joining`,
      `/api/blobs/${"0".repeat(64)}`,
      "/api/blobs/none",
    ]);
    const method = pick(rng, ["GET", "HEAD", "OPTIONS", "POST"]);
    const answer = await http({ method, path });
    judge.allowed(`${method} ${path}`, answer);
    for (const [name, value] of Object.entries(wanted)) {
      const given = String(answer?.headers[name] ?? "");
      if (answer)
        judge.never(`${method} ${path}: ${name} is "${given}"`, !value.test(given), "header there");
    }
    await pause(50);
  },
};
