import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

/** Where a request has come from, and what its sender asked for, whoever passed it on. */
export type Arrival = {
  /** Of the client, as `bucketOf` has it. */
  readonly address: string;
  /** The host that the client named, with its port; HTTP/1.0 may name none. */
  readonly host: string | undefined;
  readonly isSecure: boolean;
  /** Whether a proxy has left its mark, be it named or not. */
  readonly isForwarded: boolean;
};

export type IsTrusted = (address: string) => boolean;

const marks = ["forwarded", "via", "x-real-ip"];
const isMark = (name: string) => name.startsWith("x-forwarded-") || marks.includes(name);
const arrivals = new WeakMap<IncomingMessage, Arrival>();

/** Proxies by address or by network, such as `10.0.0.0/8`. */
export function trustedProxies(networks: readonly string[]): IsTrusted {
  const list = new BlockList();
  for (const network of networks) {
    const [address, bits] = network.split("/");
    const family = familyOf(address);
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => {
    const plain = unmapped(address);
    return isIP(plain) !== 0 && list.check(plain, familyOf(plain));
  };
}

/** Takes the marks of proxies off a request, and believes those of trusted ones. */
export function arrive(request: IncomingMessage, isTrusted: IsTrusted): void {
  if (arrivals.has(request)) return;
  const { headers } = request;
  const socket = request.socket as IncomingMessage["socket"] & { readonly encrypted?: boolean };
  const peer = socket.remoteAddress ?? "";
  const isBelieved = isTrusted(peer);
  const said = (name: string) => (isBelieved ? String(headers[name] ?? "") : "");
  const last = (name: string) => said(name).split(",").at(-1)?.trim();
  const protocol = last("x-forwarded-proto");
  arrivals.set(request, {
    address: bucketOf(clientOf(peer, said("x-forwarded-for"), isTrusted)),
    host: last("x-forwarded-host") || headers.host,
    isSecure: protocol ? protocol === "https" : socket.encrypted === true,
    isForwarded: Object.keys(headers).some(isMark),
  });
  for (const name of Object.keys(headers).filter(isMark)) delete headers[name];
}

/** Of a request that nothing has looked at yet: what its connection says. */
export function arrivalOf(request: IncomingMessage): Arrival {
  arrive(request, () => false);
  return arrivals.get(request) as Arrival; // has just been set
}

/** Each proxy has added whom it was asked by; the last one that is no proxy of ours is the client. */
function clientOf(peer: string, forwardedFor: string, isTrusted: IsTrusted): string {
  let client = peer;
  for (const next of forwardedFor.split(",").reverse()) {
    const address = next.trim();
    if (!isTrusted(client) || isIP(address) === 0) break;
    client = address;
  }
  return client;
}

/** What limits count by: an IPv4 address, or the /64 that one holder of IPv6 addresses has. */
export function bucketOf(address: string): string {
  const plain = unmapped(address);
  if (isIP(plain) !== 6) return plain;
  const [head, tail] = plain.split("%")[0].split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const after = tail === "" ? [] : tail.split(":");
    while (groups.length < 4 && groups.length + after.length < 8) groups.push("0");
    groups.push(...after);
  }
  const network = groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16));
  return `${network.join(":")}::/64`;
}

const unmapped = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, "");
const familyOf = (address: string) => (isIP(address) === 6 ? "ipv6" : "ipv4");
