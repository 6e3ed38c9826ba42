import { connect } from "node:tls";
import { dayMs } from "@tandem/core/duration";
import { messageOf } from "@tandem/core/errors";
import { formatDay } from "@tandem/core/format";
import { io } from "socket.io-client";
import { isThisMachine } from "../this-machine";
import { bad, type Finding, note, ok } from "./finding";

const patienceMs = 8000;
const renewDays = 14;

/** Whether others can use the server at `url`: name, TLS, what answers there, and web sockets. */
export async function checkAddress(url: URL): Promise<readonly Finding[]> {
  const base = `${url.origin}${url.pathname.replace(/\/$/, "")}`;
  const secure = [
    isThisMachine(url) ? ok("TLS", "not needed on this machine") : await checkTls(url),
  ];
  try {
    const response = await fetch(`${base}/healthz`, { signal: AbortSignal.timeout(patienceMs) });
    const body: unknown = await response.json().catch(() => undefined);
    if (!response.ok || (body as { ok?: unknown } | undefined)?.ok !== true)
      return [
        bad("Address", whatAnswers(base, response.status, body), wayOf(response.status)),
        ...secure,
      ];
  } catch (error) {
    return [unreachable(base, error), ...secure];
  }
  return [ok("Address", `${base} is a Tandem server`), ...secure, await checkSockets(url)];
}

function whatAnswers(base: string, status: number, body: unknown): string {
  const { error } = (body ?? {}) as { readonly error?: { readonly message?: string } };
  return `${base}/healthz answers ${status}${error?.message ? `: ${error.message}` : ", and no Tandem server"}`;
}

const wayOf = (status: number): string =>
  status === 403
    ? "start the server with TANDEM_PUBLIC_URL set to this address, and have the proxy pass the Host header on"
    : "have the proxy lead to the port of `npm start`, the path included (deploy/ has settings for nginx and Caddy)";

function unreachable(base: string, error: unknown): Finding {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = (cause as { readonly code?: string } | undefined)?.code ?? "";
  const way: Readonly<Record<string, string>> = {
    ENOTFOUND: "nobody knows that name: make a DNS record for it, or mend the address",
    ECONNREFUSED: "nothing listens there: run `npm start`, or start the proxy in front of it",
    CERT_HAS_EXPIRED: "renew the certificate",
    DEPTH_ZERO_SELF_SIGNED_CERT:
      "browsers warn of a certificate that nobody has signed: get one from a public authority",
    ERR_TLS_CERT_ALTNAME_INVALID: "get a certificate for this name",
  };
  const why = cause ? messageOf(cause) : messageOf(error);
  return bad(
    "Address",
    `${base} cannot be reached: ${why}`,
    way[code] ?? "check address, firewall and proxy",
  );
}

/** Of the certificate that is shown for this name, trusted or not: trust shows when it is used. */
async function checkTls({ protocol, hostname, port, host }: URL): Promise<Finding> {
  if (protocol !== "https:")
    return bad(
      "TLS",
      `${host} is not served over https`,
      "browsers let other machines' pages compute over https alone: put a proxy with a certificate in front, or use --tls-cert and --tls-key",
    );
  try {
    const ends = await new Promise<Date>((resolve, reject) => {
      const socket = connect(
        {
          host: hostname,
          port: Number(port || 443),
          servername: hostname,
          rejectUnauthorized: false,
          timeout: patienceMs,
        },
        () => {
          resolve(new Date(socket.getPeerCertificate().valid_to));
          socket.end();
        },
      );
      socket.once("error", reject);
      socket.once("timeout", () => socket.destroy(new Error(`no answer in ${patienceMs} ms`)));
    });
    const days = Math.floor((ends.getTime() - Date.now()) / dayMs);
    const text = `the certificate of ${hostname} ends on ${formatDay(ends.getTime())}, in ${days} days`;
    if (days < 0) return bad("TLS", text, "renew it");
    return days < renewDays ? note("TLS", text, "renew it, best by itself") : ok("TLS", text);
  } catch (error) {
    return bad("TLS", `${host} shows no certificate: ${messageOf(error)}`, "look at the proxy");
  }
}

async function checkSockets(url: URL): Promise<Finding> {
  const socket = io(url.origin, {
    path: `${url.pathname.replace(/\/$/, "")}/socket.io`,
    transports: ["websocket"],
    reconnection: false,
    timeout: patienceMs,
    forceNew: true,
    extraHeaders: { origin: url.origin },
  });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("connect_error", reject);
    });
    return ok("Sockets", "web sockets get through");
  } catch (error) {
    return note(
      "Sockets",
      `web sockets do not get through (${messageOf(error)}): tabs go on by polling, which costs more`,
      "have the proxy pass Upgrade and Connection on, as deploy/nginx.conf does",
    );
  } finally {
    socket.close();
  }
}
