import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startNodeEngine } from "@tandem/engine/node";
import type { AuditView, BackupsView } from "@tandem/protocol/view";
import { dataFiles } from "@tandem/storage/backup-contents";
import { backupsIn } from "@tandem/storage/backup-folder";
import { pathOfBlob } from "@tandem/storage/backup-format";
import { expect, onTestFinished, test, vi } from "vitest";
import { startChaosClients } from "./chaos/clients";
import { fleetCommand } from "./fleet/command";
import { createApi, follow } from "./harness/rest-client";
import { freePort, startServer } from "./harness/server-process";
import { storeCommand } from "./store";
import { typed } from "./testing/typed";

const account = { name: "Ada", email: "ada@example.org", password: "correct horse battery" };

/** Asks as the account does that this server's answers have signed in. */
function browser(url: string) {
  let cookie = "";
  return async <T>(method: string, path: string, body?: object): Promise<T> => {
    const headers = { "content-type": "application/json", cookie };
    const init = { method, headers, ...(body && { body: JSON.stringify(body) }) };
    const response = await fetch(`${url}/api/${path}`, init);
    if (!response.ok) throw new Error(await response.text());
    cookie ||= response.headers.getSetCookie().join("; ");
    return (await response.json()) as T;
  };
}

/** `npm run store --`; what it says. */
async function store(...args: readonly string[]): Promise<string> {
  const said = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  try {
    await storeCommand().parseAsync(args, { from: "user" });
    return said.mock.calls.map(([text]) => String(text)).join("");
  } finally {
    said.mockRestore();
  }
}

test("a server that backs itself up is killed, restored elsewhere, and all of it is there", {
  timeout: 180_000,
}, async () => {
  const directory = await mkdtemp(join(tmpdir(), "tandem-store-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const [data, backups, restored] = ["data", "backups", "restored"].map((name) =>
    join(directory, name),
  );
  const environment = {
    TANDEM_BACKUP_TO: backups,
    TANDEM_BACKUP_EVERY: "5s",
    TANDEM_BACKUP_KEEP: "2",
  };
  const [port, apiOnly] = [await freePort(), true];
  const server = await startServer({ port, directory: data, apiOnly, environment });
  onTestFinished(() => server.kill());
  const [, link] = /accounts\/new#([\w-]+)/.exec(server.output()) ?? [];
  const ada = browser(server.url);
  await ada("POST", "accounts", { ...account, token: link });
  const { token } = await ada<{ token: string }>("POST", "me/tokens", { name: "CLI" });
  const api = createApi(server.url, token);
  const { id } = await api.create({
    ...{ name: "To be kept", strategy: "fedavg", dataset: "emoji-style", rounds: 1, slots: 12 },
    ...{ minClients: 2, strategyConfig: { localEpochs: 1, warmUpEpochs: 0 } },
  });
  await startNodeEngine();
  const uploads: string[] = [];
  const clients = await startChaosClients({
    ...{ experiment: id, port, slots: [0, 1], seed: 1, deadlineMs: 120_000 },
    onAcknowledged: ({ hash }) => uploads.push(hash),
    onEnd: (reason) => expect.fail(reason),
  });
  await api.start(id);
  await follow(api, id, ({ status }) => status === "finished", { timeoutMs: 120_000 });
  await clients.stop();
  const view = await api.view(id);
  const since = Date.now();
  const look = () => ada<BackupsView>("GET", "backups");
  await expect
    .poll(async () => (await look()).backups.at(0)?.at, { timeout: 20_000 })
    .toBeGreaterThan(since);
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  expect(metrics).toMatch(/^tandem_backup_last_good_timestamp_seconds 1\d{9}/m);
  expect(metrics).toContain("tandem_backup_failures_total 0");
  const out = join(directory, "out");
  for (const line of [
    '"audit: experiment.create done"',
    ...['"experiment running"', '"client joined"', '"client left"', '"experiment finished"'],
  ])
    expect(server.output()).toContain(`"msg":${line}`);
  const tabsFor = (experiment: string) =>
    typed(fleetCommand(), server.url, "--experiment", experiment);
  await expect(tabsFor(id)).rejects.toThrow(/has ended, and nobody can join/);
  await expect(tabsFor("nope")).rejects.toThrow(`${server.url} has no experiment nope`);
  await expect(store("backup", "--data", data, "--out", out)).rejects.toThrow(
    /in use by process \d+.*--backup-to/s,
  );
  await server.kill();

  expect((await readdir(data)).filter((name) => !Object.hasOwn(dataFiles, name))).toEqual([]);
  const [newest, ...older] = await backupsIn(backups);
  expect(newest.at).toBeGreaterThan(since);
  expect(older.length).toBeLessThan(3); // two, and one that was to go
  const from = join(backups, newest.name);
  const said = await store("restore", "--from", from, "--data", restored);
  expect(said).toMatch(/^✓ 1 account, 1 experiment, .* restored$/m);
  expect(uploads).toHaveLength(2);
  for (const hash of uploads) expect(await stat(join(restored, pathOfBlob(hash)))).toBeTruthy();
  const other = await startServer({ port: await freePort(), directory: restored, apiOnly });
  onTestFinished(() => other.kill());
  const again = browser(other.url);
  await again("POST", "sign-in", { email: account.email, password: account.password });
  expect(await again("GET", "me")).toMatchObject({ by: "session", role: "owner" });
  const logOf = async (action: string) =>
    (await again<AuditView>("GET", `audit?action=${action}`)).entries;
  expect(await logOf("backup.restore")).toMatchObject([{ by: "machine", thing: newest.name }]);
  expect((await logOf("backup.make")).at(0)).toMatchObject({ by: "server", outcome: "done" });
  const kept = await createApi(other.url, token).view(id);
  expect({ ...kept, clients: [] }).toEqual({ ...view, clients: [] });
  expect(kept.clients.map(({ id }) => id)).toEqual(view.clients.map(({ id }) => id));
  const secrets = [data, restored].map((folder) => readFile(join(folder, "cookie-secret"), "utf8"));
  expect(new Set(await Promise.all(secrets)).size).toBe(2);
});
