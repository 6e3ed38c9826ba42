import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { chown, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

/** Where Debian and others put the server's programs; undefined where there are none. */
export function postgresPrograms(): string | undefined {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).map(Number) : [];
  const newest = versions.filter((version) => version >= 15).sort((a, b) => b - a);
  const folders = [...newest.map((version) => join(debian, `${version}/bin`)), ...pathFolders()];
  return folders.find((folder) => existsSync(join(folder, "initdb")));
}

const pathFolders = () => (process.env.PATH ?? "").split(":").filter(Boolean);

export type PostgresServer = {
  /** Of a new, empty database. */
  database(): Promise<string>;
  /** SIGKILL and a new start on the same data, as after a crash. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

/** A server of its own on a free port with data in a temporary folder; as user postgres if root. */
export async function startPostgres(programs: string): Promise<PostgresServer> {
  const user = process.getuid?.() === 0 ? accountOf("postgres") : undefined;
  const directory = await mkdtemp(join(tmpdir(), "tandem-postgres-"));
  if (user) await chown(directory, user.uid, user.gid);
  const data = join(directory, "data");
  const made = spawnSync(
    join(programs, "initdb"),
    ["-D", data, "-U", "tandem", "--auth=trust", "--encoding=UTF8", "--no-sync"],
    { ...user, cwd: directory, encoding: "utf8" },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  const urlOf = (name: string) => `postgres://tandem@127.0.0.1:${port}/${name}`;
  const settings = ["-p", String(port), "-k", directory, "-c", "listen_addresses=127.0.0.1"];
  let running: ChildProcess | undefined;

  async function start(): Promise<void> {
    const own = spawn(join(programs, "postgres"), ["-D", data, ...settings], {
      ...user,
      cwd: directory,
      stdio: ["ignore", "ignore", "pipe"],
    });
    running = own;
    let output = "";
    own.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    for (let tries = 0; tries < 600; tries++) {
      if (own.exitCode !== null) throw new Error(`PostgreSQL did not start: ${output}`);
      if (await answers(urlOf("postgres"))) return;
      await sleep(100);
    }
    throw new Error(`PostgreSQL does not answer on port ${port}: ${output}`);
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const closed = once(running, "close");
    running.kill(signal);
    await closed;
  }

  await start();
  let databases = 0;
  return {
    async database() {
      const name = `tandem_${++databases}`;
      await withClient(urlOf("postgres"), (client) => client.query(`create database ${name}`));
      return urlOf(name);
    },
    async restart() {
      await end("SIGQUIT"); // at once, without a shutdown checkpoint
      await start();
    },
    async stop() {
      await end("SIGQUIT");
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export async function withClient<T>(
  url: string,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

const answers = (url: string): Promise<boolean> =>
  withClient(url, (client) => client.query("select 1")).then(
    () => true,
    () => false,
  );

function accountOf(name: string) {
  const numberOf = (flag: string) =>
    Number(spawnSync("id", [flag, name], { encoding: "utf8" }).stdout);
  const [uid, gid] = [numberOf("-u"), numberOf("-g")];
  if (!uid) throw new Error(`PostgreSQL does not run as root, and there is no user ${name}`);
  return { uid, gid };
}

async function freePort(): Promise<number> {
  const probe = createServer();
  probe.listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}
