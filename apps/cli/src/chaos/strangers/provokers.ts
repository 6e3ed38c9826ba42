import { gzipSync } from "node:zlib";
import { put } from "./answering";
import { type Kind, pick } from "./stranger";

export const provokers: Kind = {
  name: "provokers",
  does: "provoke errors: JSON that is none, a pile of brackets, prototypes, packed bodies, wrong names",
  never: "an answer tells where files lie, what broke or what the server speaks to",
  async visit(self) {
    const { http, socket, judge, rng, pause } = self;
    const json = { "content-type": "application/json" };
    const bodies = [
      "{",
      "[".repeat(15_000),
      "\0",
      '{"__proto__":{"rounds":1},"constructor":{"prototype":{"ok":true}}}',
      "x".repeat(100_000),
      JSON.stringify({ email: { $ne: 1 }, password: ["x"] }),
    ];
    for (const path of [
      "/api/experiments",
      "/api/sign-in",
      "/api/accounts/link",
      "/api/tasks/import",
    ]) {
      judge.refused(
        `POST ${path}`,
        await http({ method: "POST", path, headers: json, body: pick(rng, bodies) }),
      );
      // Nothing here is ever decompressed: the body stays as small as it was sent.
      const body = gzipSync(Buffer.alloc(1_000_000));
      const headers = { ...json, "content-encoding": "gzip" };
      judge.refused(`POST ${path}, packed`, await http({ method: "POST", path, headers, body }));
    }
    const name = pick(rng, ["%2e%2e%2f%2e%2e%2fetc%2fpasswd", "none", "%00", "A".repeat(64)]);
    judge.refused("put", (await put(self, "x".repeat(32), Buffer.from("x"), name)).answer);
    const line = await socket();
    if (!line) return;
    for (const experiment of ["none", "../..", "__proto__", "x".repeat(300), 7, null])
      judge.refused(`watch ${experiment}`, await line.ask("watch", { experiment }));
    judge.refused("join none", await line.join("none"));
    judge.refused("upload", await line.upload("../../etc/passwd"));
    line.close();
    await pause(300);
  },
};
