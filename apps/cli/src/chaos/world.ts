import { randomBytes } from "node:crypto";
import type { ExperimentConfig } from "@tandem/core/experiment";
import type { TandemRequests } from "@tandem/protocol/events";
import { type Api, createApi, type NewExperiment } from "../harness/rest-client";
import { root, type ServerProcess, startServer } from "../harness/server-process";
import type { Loot, Surroundings } from "./strangers/stranger";

const metricsToken = randomBytes(24).toString("base64url");
const owner = { name: "Owner", email: "owner@example.org" };
/** Of the small experiment. */
const places = 8;

type Honest = NewExperiment & Pick<ExperimentConfig, "strategy" | "dataset" | "seed">;

export type World = {
  /** As the owner. */
  readonly api: Api;
  /** Of the honest clients. */
  readonly experiment: string;
  /** Where strangers come. */
  readonly around: Surroundings | undefined;
  server(): ServerProcess;
  /** Starts it again. */
  restart(): Promise<void>;
  /** What strangers have left on the server that is none of theirs, in words. */
  leftBehind(): Promise<readonly string[]>;
};

/**
 * A real server on this machine with an owner, that believes this machine as a proxy, so that strangers have
 * addresses of their own; and the studies that they come to.
 */
export async function openWorld(options: {
  readonly port: number;
  readonly directory: string;
  readonly deadlineMs: number;
  readonly honest: Honest;
  /** Strangers come. */
  readonly isVisited: boolean;
}): Promise<World> {
  const { port, directory, deadlineMs, honest } = options;
  const readyWithin = Math.ceil(Math.max(20_000, 4 * deadlineMs) / 1000);
  const flags = ["--host", "127.0.0.1", "--trust-proxy", "127.0.0.1"];
  const start = () =>
    startServer({
      port,
      directory,
      apiOnly: true,
      flags: [...flags, "--ready-within", String(readyWithin), "--log-level", "warn"],
      environment: { TANDEM_METRICS_TOKEN: metricsToken },
    });
  let server = await start();
  try {
    const url = `http://127.0.0.1:${port}`;
    const token = await claim(url, server.output());
    const api = createApi(url, token);
    const { id } = await api.create(honest);
    await api.start(id);
    const studies = options.isVisited ? await openStudies(api, honest) : undefined;
    return {
      api,
      experiment: id,
      around: studies && {
        url,
        experiments: { honest: id, ...studies.experiments },
        consents: studies.consents,
        revoked: studies.revoked,
        places,
        readyWithinMs: 1000 * readyWithin,
        owner: owner.email,
        secrets: [directory, root],
      },
      server: () => server,
      async restart() {
        server = await start();
      },
      leftBehind: async () => (studies ? leftBehind(url, api, studies.experiments.approved) : []),
    };
  } catch (error) {
    await server.kill();
    throw error;
  }
}

/** What strangers come to beside the experiment of the honest: few places, and those that not everybody may take. */
async function openStudies(api: Api, honest: Honest) {
  const { strategy, dataset, seed } = honest;
  const small = { strategy, dataset, seed, name: "Small", slots: places, minClients: places };
  const open = async (config: NewExperiment) => {
    const { id } = await api.create(config);
    await api.start(id);
    return id;
  };
  const experiments = {
    small: await open(small),
    invited: await open({ ...small, name: "By invitation", admission: "invitation" }),
    approved: await open({ ...small, name: "By approval", admission: "approval" }),
  };
  const consentOf = async (id: string) => (await api.joining(id)).consent.hash;
  const invitation = await api.invite(experiments.invited, { uses: 1, days: 1 });
  await api.revoke(experiments.invited, invitation.id);
  const consents = {
    invited: await consentOf(experiments.invited),
    approved: await consentOf(experiments.approved),
  };
  return { experiments, consents, revoked: invitation.secret };
}

/** What of it strangers have got hold of; undefined for what is nothing to them. */
export function lootOf<K extends keyof TandemRequests>(
  event: K,
  body: TandemRequests[K]["request"],
  reply: TandemRequests[K]["reply"],
): Loot | undefined {
  if (event === "upload")
    return { type: "upload", hash: (body as TandemRequests["upload"]["request"]).hash, body };
  if (event !== "join") return undefined;
  const { token, shard } = reply as Extract<TandemRequests["join"]["reply"], { readonly ok: true }>;
  return { type: "place", token, join: body, shard: shard?.hash ?? "" };
}

/** Makes the owner by the link that the server has printed; gives back an API token. */
async function claim(url: string, output: string): Promise<string> {
  const [, link] = /\/accounts\/new#([\w-]+)/.exec(output) ?? [];
  if (!link) throw new Error(`the server has printed no link for its owner:\n${output}`);
  const password = randomBytes(24).toString("base64url");
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ token: link, ...owner, password });
  const made = await fetch(`${url}/api/accounts`, { method: "POST", headers, body });
  if (!made.ok) throw new Error(`no owner could be made: ${await made.text()}`);
  const cookie = made.headers
    .getSetCookie()
    .map((one) => one.split(";")[0])
    .join("; ");
  const given = await fetch(`${url}/api/me/tokens`, {
    method: "POST",
    headers: { ...headers, cookie },
    body: JSON.stringify({ name: "Chaos" }),
  });
  if (!given.ok) throw new Error(`no token could be made: ${await given.text()}`);
  return ((await given.json()) as { readonly token: string }).token;
}

/** Of those who ask to take part, so many may wait. */
const mostWaiting = 100;

async function leftBehind(url: string, api: Api, approved: string): Promise<readonly string[]> {
  const authorization = `Bearer ${metricsToken}`;
  const metrics = await (await fetch(`${url}/metrics`, { headers: { authorization } })).text();
  const invented = /.*(invented|PROPFIND|LOCK|SUBSCRIBE|TRACE|PURGE).*/.exec(metrics);
  const waiting = await api.applicants(approved);
  return [
    ...(/^tandem_/m.test(metrics) ? [] : ["/metrics could not be read"]),
    ...(invented ? [`/metrics has ${invented[0]}`] : []),
    ...(waiting.length > mostWaiting ? [`${waiting.length} wait to be let in`] : []),
  ];
}
