import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "@tandem/cli/harness/server-process";
import { generate } from "selfsigned";

/** The name in `deploy/`, and ours in its place. */
const exampleName = "example.org";
export const siteName = "tandem.test";

type Ports = { readonly https: number; readonly http: number; readonly app: number };
export type ProxyName = "nginx" | "caddy";
export type RunningProxy = {
  /** Of the key by which the browser is to know it, as Chromium wants it. */
  readonly keyHash: string;
  log(): Promise<string>;
  stop(): Promise<void>;
};

/** The proxy in front of the server, with the committed settings and only names, files and ports replaced. */
export const startProxy = (name: ProxyName, folder: string, ports: Ports): Promise<RunningProxy> =>
  name === "nginx" ? startNginx(folder, ports) : startCaddy(folder, ports);

async function startNginx(folder: string, ports: Ports): Promise<RunningProxy> {
  const inside = (name: string) => join(folder, name);
  const { cert, private: key } = await generate([{ name: "commonName", value: siteName }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      { name: "subjectAltName", altNames: [{ type: 2, value: siteName }] },
    ],
  });
  await writeFile(inside("cert.pem"), cert);
  await writeFile(inside("key.pem"), key, { mode: 0o600 });
  const letsEncrypt = `/etc/letsencrypt/live/${exampleName}`;
  await writeFile(
    inside("site.conf"),
    replaced(await readFile(join(root, "deploy/nginx.conf"), "utf8"), [
      ["listen 80;", `listen 127.0.0.1:${ports.http};`],
      ["listen 443 ssl;", `listen 127.0.0.1:${ports.https} ssl;`],
      [`${letsEncrypt}/fullchain.pem`, inside("cert.pem")],
      [`${letsEncrypt}/privkey.pem`, inside("key.pem")],
      [`server_name ${exampleName};`, `server_name ${siteName};`],
      ["http://127.0.0.1:3000", `http://127.0.0.1:${ports.app}`],
    ]),
  );
  await writeFile(inside("nginx.conf"), aroundSite(folder));
  const start = ["-c", inside("nginx.conf"), "-e", inside("error.log"), "-p", folder];
  const program = programOf("nginx");
  const check = spawnSync(program, ["-t", ...start], { encoding: "utf8" });
  if (check.status !== 0) throw new Error(`nginx refuses deploy/nginx.conf:\n${check.stderr}`);
  const proxy = await listening(spawn(program, start, { stdio: "ignore" }), ports.https);
  const read = (name: string) => readFile(inside(name), "utf8").catch(() => "");
  return {
    ...proxy,
    keyHash: keyHashOf(cert),
    log: async () => (await read("access.log")) + (await read("error.log")),
  };
}

/** What Debian has around a site, with all files in the folder. */
const aroundSite = (folder: string): string => `
daemon off;
${process.getuid?.() === 0 ? "user root;" : ""}
pid ${folder}/nginx.pid;
events { worker_connections 768; }
http {
  sendfile on;
  tcp_nopush on;
  gzip on;
  access_log ${folder}/access.log combined;
  ${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((of) => `${of}_temp_path ${folder}/${of};`).join("\n  ")}
  include ${folder}/site.conf;
}
`;

async function startCaddy(folder: string, ports: Ports): Promise<RunningProxy> {
  const inside = (name: string) => join(folder, name);
  const site = replaced(await readFile(join(root, "deploy/Caddyfile"), "utf8"), [
    [`\n${exampleName} {`, `\n${siteName} {`],
    ["127.0.0.1:3000", `127.0.0.1:${ports.app}`],
  ]);
  const options = `{
	admin off
	local_certs
	skip_install_trust
	http_port ${ports.http}
	https_port ${ports.https}
}
`;
  await writeFile(inside("Caddyfile"), options + site);
  await mkdir(inside("caddy"));
  const own = { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const start = ["run", "--config", inside("Caddyfile"), "--adapter", "caddyfile"];
  const child = spawn(programOf("caddy"), start, { stdio: ["ignore", "ignore", "pipe"], env: own });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  const proxy = await listening(child, ports.https, () => log);
  const authority = inside("caddy/pki/authorities/local/intermediate.crt");
  return { ...proxy, keyHash: keyHashOf(await readFile(authority, "utf8")), log: async () => log };
}

/** Each must be there: what is not replaced would be proved of another file than the committed one. */
function replaced(text: string, changes: readonly (readonly [string, string])[]): string {
  return changes.reduce((so, [from, to]) => {
    if (!so.includes(from)) throw new Error(`deploy/ has no “${from}” any more`);
    return so.replaceAll(from, to);
  }, text);
}

/** By name, or where Debian has it, which is on root's path alone. */
function programOf(name: ProxyName): string {
  const found = [name, `/usr/sbin/${name}`].find(
    (path) => spawnSync(path, [name === "nginx" ? "-v" : "version"]).status === 0,
  );
  if (found) return found;
  throw new Error(`There is no ${name}: npm run journey installs it, or says how to.`);
}

const keyHashOf = (pem: string): string =>
  createHash("sha256")
    .update(new X509Certificate(pem).publicKey.export({ type: "spki", format: "der" }))
    .digest("base64");

async function listening(child: ChildProcess, port: number, said = () => "") {
  const ended = once(child, "exit");
  const endWithUs = () => child.kill("SIGKILL");
  process.once("exit", endWithUs);
  for (let tries = 0; !(await isOpen(port)); tries++) {
    if (child.exitCode !== null || tries > 100)
      throw new Error(`the proxy does not listen on port ${port}: ${said()}`);
    await sleep(100);
  }
  return {
    async stop() {
      process.off("exit", endWithUs);
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
