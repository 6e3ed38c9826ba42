import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { serveCompanion } from "../companion";
import { type Health, type Stretch, stretches, waitsOf } from "./verdict";

/** The server, on this machine, and its process. */
export type HealthJob = { readonly url: string; readonly server: number };

const [everyMs, patienceMs, tellMs] = [40, 30_000, 1000] as const;

/** Ends with whoever has started it. */
const bareServer = `
  const server = require("node:http").createServer((_, response) => response.end('{"ok":true}'));
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
  process.stdin.resume().on("end", () => process.exit(0));
`;

/** Asks the server and a bare one every 40 ms, whether or not they have answered before: a stall shows in all of them. */
serveCompanion<HealthJob, Stretch | "none", Health>(
  async ({ url, server }, { signal, onNote, tell }) => {
    const bare = spawn(process.execPath, ["-e", bareServer], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    const [port] = await once(bare.stdout, "data");
    const targets = { server: `${url}/healthz`, bare: `http://127.0.0.1:${Number(port)}/` };
    const empty = () => ({ server: noWaits(), bare: noWaits() });
    const asked = { rest: empty(), attack: empty() };
    let stretch: Stretch | "none" = "none";
    const times = { rest: [0, 0], attack: [0, 0] };
    let before = threadTimes(server);
    const look = () => {
      const now = threadTimes(server);
      if (stretch !== "none")
        times[stretch] = times[stretch].map((time, i) => time + now[i] - before[i]);
      before = now;
    };
    onNote((note) => {
      look();
      stretch = note;
    });
    const ask = async (of: Stretch, which: keyof typeof targets) => {
      const into = asked[of][which];
      const took = await timeOf(targets[which]);
      if (took === undefined) into.failed++;
      else into.times.push(took);
    };
    const told = () =>
      Object.fromEntries(
        stretches.map((of) => {
          const { server, bare } = asked[of];
          const waits = {
            server: waitsOf(server.times, server.failed),
            bare: waitsOf(bare.times, bare.failed),
            slowed: slowedBy(times[of]),
          };
          return [of, waits];
        }),
      ) as Health;
    const begun = performance.now();
    for (let tick = 1; !signal.aborted; tick++) {
      if (stretch !== "none") {
        void ask(stretch, "server");
        void ask(stretch, "bare");
      }
      if (tick % Math.round(tellMs / everyMs) === 0) {
        look();
        await tell(told());
      }
      await sleep(Math.max(0, begun + tick * everyMs - performance.now()));
    }
    await tell(told());
    bare.stdin.end();
  },
);

/** Of the process's main thread: nanoseconds that it ran, and that it waited for a processor; zeros where no kernel says. */
function threadTimes(pid: number): readonly number[] {
  try {
    const [ran, waited] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ");
    return [Number(ran), Number(waited)];
  } catch {
    return [0, 0];
  }
}

const slowedBy = ([ran, waited]: readonly number[]): number => (ran > 0 ? (ran + waited) / ran : 1);

const noWaits = (): { readonly times: number[]; failed: number } => ({ times: [], failed: 0 });

/** Milliseconds over a connection of its own; undefined where it fails. What takes longer than 30 s counts as 30 s. */
function timeOf(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const begun = performance.now();
    const sent = request(url, { agent: false }, (response) => {
      const isGood = response.statusCode === 200;
      response.resume().on("end", () => end(isGood));
    });
    const timer = setTimeout(() => {
      end(true);
      sent.destroy();
    }, patienceMs);
    const end = (isGood: boolean) => {
      clearTimeout(timer);
      resolve(isGood ? performance.now() - begun : undefined);
    };
    sent.on("error", () => end(false));
    sent.end();
  });
}
