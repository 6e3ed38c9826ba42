import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { TandemError } from "@tandem/core/errors";
import { hostFor, isLoopback } from "./accounts/exposure";
import type { ServerFlags } from "./command";
import type { Tls } from "./serve";

/** Who can reach the server, how, and what they are told. */
export type Reach = {
  readonly tls: Tls | undefined;
  readonly publicUrl: URL | undefined;
  /** Nobody but this machine gets in before there is somebody to let them in, unless it is told otherwise. */
  listen(hasOwner: boolean): {
    /** Undefined: every address of this machine. */
    readonly host: string | undefined;
    /** How others get in, for whoever starts the server. */
    readonly hint: string;
  };
};

type Flags = Pick<
  ServerFlags,
  "port" | "host" | "lan" | "publicUrl" | "tlsCert" | "tlsKey" | "trustProxy"
>;

/** Throws `bad-config` for options that do not go together, and for TLS files that cannot be read. */
export async function reachOf(flags: Flags, directory: string): Promise<Reach> {
  const { port, lan, publicUrl, tlsCert, tlsKey } = flags;
  if (lan && tlsCert)
    throw new TandemError(
      "bad-config",
      "--lan makes a certificate of its own: leave out --tls-cert",
    );
  if (lan) return inTheRoom(flags, directory);
  const tls = await filesOf(tlsCert, tlsKey);
  const listen = (hasOwner: boolean) => {
    const host = hostFor(flags.host, hasOwner);
    const at = `${host ?? "any address of this machine at port "}${host ? ":" : ""}${port}`;
    const way = publicUrl
      ? `Others find it at ${publicUrl.href}, through a proxy that asks ${at}.`
      : "Only this machine can open it: --lan lets others in this room in; for all others put a proxy with TLS before it and name its address with --public-url.";
    const open = `Whoever reaches ${at} can open it${tls ? "" : ", without TLS: browsers take part over https alone"}.`;
    return { host, hint: isLoopback(host) ? way : open };
  };
  return { tls, publicUrl, listen };
}

async function inTheRoom(flags: Flags, directory: string): Promise<Reach> {
  const { fingerprintOf, lanAddresses, ownCertificate } = await import("./own-certificate");
  const certificate = await ownCertificate(join(directory, "tls"));
  const [address = "localhost"] =
    flags.host && flags.host !== "0.0.0.0" ? [flags.host] : lanAddresses();
  // With a port that is not known yet, links lead where each visitor has come from.
  const url = flags.port === 0 ? undefined : new URL(`https://${address}:${flags.port}`);
  const publicUrl = flags.publicUrl ?? url;
  const hint = [
    `Others in this room open ${publicUrl?.href ?? `https://${address}`}. Their browser warns, for the server has made its certificate itself: before they go on, let them compare its SHA-256 fingerprint,`,
    fingerprintOf(certificate),
  ].join("\n");
  return {
    tls: { ...certificate, isOwn: true },
    publicUrl,
    listen: () => ({ host: flags.host, hint }),
  };
}

async function filesOf(certFile: string | undefined, keyFile: string | undefined) {
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined)
    throw new TandemError("bad-config", "give both --tls-cert and --tls-key");
  const read = (flag: string, path: string) =>
    readFile(path, "utf8").catch((cause) => {
      throw new TandemError("bad-config", `${flag}: ${path} cannot be read`, { cause });
    });
  return {
    cert: await read("--tls-cert", certFile),
    key: await read("--tls-key", keyFile),
    isOwn: false,
  };
}
