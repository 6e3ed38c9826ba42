import { type Kind, pick } from "./stranger";

export const rebinders: Kind = {
  name: "rebinders",
  does: "ask under foreign names, in Host and as a proxy rewrites it",
  never: "anything is answered but that the name is none of this server's",
  async visit({ http, judge, around, rng, pause }) {
    const { port } = new URL(around.url);
    const names = [
      "elsewhere.example",
      `elsewhere.example:${port}`,
      `127.0.0.1.elsewhere.example:${port}`,
      "localhost.elsewhere.example",
      "elsewhere.example.",
      `127.0.0.1@elsewhere.example`,
    ];
    const paths = [
      "/healthz",
      "/api/experiments",
      `/api/experiments/${around.experiments.honest}/joining`,
    ];
    const name = pick(rng, names);
    const path = pick(rng, paths);
    for (const headers of [
      { host: name },
      { host: `127.0.0.1:${port}`, "x-forwarded-host": name },
      { host: name, origin: `http://${name}` },
    ])
      for (const method of ["GET", "POST"])
        judge.refused(`${method} ${path} of ${name}`, await http({ method, path, headers }));
    await pause(200);
  },
};
