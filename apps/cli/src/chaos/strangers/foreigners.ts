import { protocolVersion } from "@tandem/protocol/events";
import { type Kind, pick } from "./stranger";

const origins = [
  "https://elsewhere.example",
  "null",
  "http://127.0.0.1:1",
  "http://localhost.example",
];

export const foreigners: Kind = {
  name: "foreigners",
  does: "open sockets and send requests as pages of other sites",
  never: "such a page joins, looks on, hears of anything or changes anything",
  async visit({ socket, http, judge, around, rng, pause }) {
    const origin = pick(rng, origins);
    const { honest } = around.experiments;
    const line = await socket({ origin });
    if (!line) return;
    const join = { version: protocolVersion, experiment: honest, device: "none" };
    for (const [event, body] of [
      ["challenge", {}],
      ["join", join],
      ["watch", { experiment: honest }],
      ["ready", { samples: 1, device: "none" }],
      ["leave", {}],
    ] as const)
      judge.refused(`${event} from ${origin}`, await line.ask(event, body));
    await pause(500);
    const heard = line.heard.filter((event) => event !== "cut");
    judge.never(`a page of ${origin} hears ${heard[0]}`, heard.length > 0, "heard nothing");
    line.close();
    for (const [method, path] of [
      ["POST", `/api/experiments/${honest}/start`],
      ["PUT", `/api/blobs/${"0".repeat(64)}`],
      ["POST", "/api/sign-in"],
    ] as const)
      judge.refused(
        `${method} ${path} from ${origin}`,
        await http({ method, path, headers: { origin } }),
      );
  },
};
