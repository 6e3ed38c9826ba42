import { type Kind, pick } from "./stranger";

type Request = readonly [method: string, path: string, body?: object];

const config = { name: "Mine", strategy: "fedavg", dataset: "emoji-style" };

export const spenders: Kind = {
  name: "spenders",
  does: "create, change, delete, invite, preview and paint without rights, or with those of a participant",
  never: "anything is done, or anything spent",
  async visit({ http, judge, around, loot, rng, pause, signal }) {
    const { honest, invited, approved } = around.experiments;
    const id = "a".repeat(16);
    const requests: readonly Request[] = [
      ["POST", "/api/experiments", config],
      ["POST", "/api/experiments", { ...config, strategy: "fedmmkt", dataset: "scenes" }],
      ["DELETE", `/api/experiments/${honest}`],
      ...["start", "pause", "resume"].map(
        (what) => ["POST", `/api/experiments/${honest}/${what}`, {}] as const,
      ),
      ["POST", `/api/experiments/${honest}/clients/p0000/remove`, {}],
      ["POST", `/api/experiments/${invited}/invitations`, { uses: 5, days: 7 }],
      ["GET", `/api/experiments/${invited}/invitations`],
      ["GET", `/api/experiments/${approved}/applicants`],
      ["POST", `/api/experiments/${approved}/applicants/${id}`, { verdict: "accepted" }],
      ["POST", `/api/experiments/${honest}/paintings`, { prompt: "a red heart" }],
      ["POST", "/api/previews", { teacher: "remote", prompts: ["a red heart"] }],
      ["DELETE", `/api/previews/${id}`],
      ["POST", "/api/tasks", { name: "Mine" }],
      ["POST", "/api/tasks/import", {}],
      ["POST", "/api/tasks/emoji-style/prepare", { minutes: 60 }],
      ["PUT", "/api/spending/pictures", { perDay: 1_000_000 }],
      ["GET", "/api/spending"],
      ["GET", "/api/experiments"],
      ["GET", `/api/experiments/${honest}`],
      ["GET", `/api/experiments/${honest}/metrics.jsonl`],
      ["GET", "/api/accounts"],
      ["POST", "/api/account-links", { role: "owner" }],
      ["POST", "/api/me/tokens", { name: "mine" }],
    ];
    const credentials = [
      {},
      { authorization: `Bearer tdm_${"x".repeat(32)}` },
      { authorization: `Bearer ${loot.places.at(-1)?.token ?? "x".repeat(32)}` },
      { cookie: `tandem.session_token=${"x".repeat(32)}.${"y".repeat(43)}%3D` },
    ];
    for (let i = 0; i < 20 && !signal.aborted; i++) {
      const [method, path, body] = pick(rng, requests);
      const headers = { "content-type": "application/json", ...pick(rng, credentials) };
      const call = { method, path, headers, ...(body && { body: JSON.stringify(body) }) };
      judge.refused(`${method} ${path}`, await http(call));
      await pause(20);
    }
  },
};
