import { dayMs } from "@tandem/core/duration";
import { Command, Option } from "commander";
import { duration, hosts, natural, networks, origins, portNumber, publicUrl, share } from "./flags";
import { defaultLimits } from "./limits";

export type ServerFlags = {
  readonly port: number;
  readonly host?: string;
  readonly lan: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly data: string;
  readonly dev: boolean;
  readonly apiOnly: boolean;
  readonly logLevel: string;
  readonly connectionsPerAddress: number;
  readonly requestsPerSecond: number;
  readonly placesPerAddress: number;
  readonly readyWithin: number;
  readonly publicUrl?: URL;
  readonly experimentStorage: number;
  readonly diskReserve: number;
  readonly auditDays: number;
  readonly auditRows: number;
  readonly backupTo?: string;
  /** Milliseconds. */
  readonly backupEvery: number;
  readonly backupKeep: number;
  readonly allowOrigin?: readonly string[];
  readonly allowHost?: readonly string[];
  readonly trustProxy?: readonly string[];
};

/** The server's command line, without what it does: `npm start` reads it before the server is built. */
export const serverCommand = (): Command =>
  new Command("tandem-server")
    .description("Dashboard, join pages, REST and sockets in one process")
    .option("--port <number>", "0 takes a free one", portNumber, 3000)
    .option(
      "--host <address>",
      "listen on this address, 0.0.0.0 for all (default: this machine alone, and all addresses once there is an account)",
    )
    .option(
      "--lan",
      "let others in this room in: listens on all addresses, with TLS by a certificate of its own",
      false,
    )
    .addOption(
      new Option("--tls-cert <file>", "serve https: certificate and its chain, PEM").env(
        "TANDEM_TLS_CERT",
      ),
    )
    .addOption(new Option("--tls-key <file>", "its private key, PEM").env("TANDEM_TLS_KEY"))
    .option("--data <directory>", "experiments and blobs; created if missing", ".tandem/data")
    .option("--dev", "pages with hot reload instead of the production build", false)
    .option("--api-only", "no pages", false)
    .option(
      "--connections-per-address <n>",
      "at a time, web sockets included; those of --trust-proxy are not counted",
      natural,
      defaultLimits.connectionsPerAddress,
    )
    .option(
      "--requests-per-second <n>",
      "of one address, after a burst of ten times as many; four times as many socket frames",
      natural,
      defaultLimits.requestsPerSecond,
    )
    .option(
      "--places-per-address <share>",
      "of an experiment's places, 0-1, that one address may hold; a class behind one address needs 1, this machine may hold all",
      share,
      0.5,
    )
    .option(
      "--ready-within <seconds>",
      "who has joined and has no part in a round for so long loses its place",
      natural,
      300,
    )
    .option(
      "--experiment-storage <MiB>",
      "that an experiment may hold; uploads beyond it are refused",
      natural,
      16_384,
    )
    .option(
      "--disk-reserve <MiB>",
      "that stay free on the disk of the data; uploads beyond it are refused",
      natural,
      512,
    )
    .option("--audit-days <days>", "days for which the audit log is kept", natural, 365)
    .option("--audit-rows <n>", "entries that the audit log keeps at most", natural, 100_000)
    .addOption(
      new Option(
        "--public-url <url>",
        "where others find the server, such as https://example.org: links and QR codes lead there",
      )
        .argParser(publicUrl)
        .env("TANDEM_PUBLIC_URL"),
    )
    .addOption(
      new Option(
        "--trust-proxy <address>",
        "whose X-Forwarded-* is believed, such as 127.0.0.1 or 10.0.0.0/8; may be repeated",
      )
        .argParser(networks)
        .env("TANDEM_TRUSTED_PROXIES"),
    )
    .addOption(
      new Option(
        "--allow-host <name>",
        "under which requests come too, beside the public one and this machine's; may be repeated",
      )
        .argParser(hosts)
        .env("TANDEM_ALLOWED_HOSTS"),
    )
    .addOption(
      new Option(
        "--allow-origin <origin>",
        "whose pages may take part beside the server's own, such as https://example.org; may be repeated",
      )
        .argParser(origins)
        .env("TANDEM_ALLOWED_ORIGINS"),
    )
    .addOption(
      new Option(
        "--backup-to <directory>",
        "have backups made there while the server runs, best on another disk; other servers may share it",
      ).env("TANDEM_BACKUP_TO"),
    )
    .addOption(
      new Option("--backup-every <time>", "from one backup to the next, such as 30m, 24h or 7d")
        .argParser(duration)
        .default(dayMs, "24h")
        .env("TANDEM_BACKUP_EVERY"),
    )
    .addOption(
      new Option("--backup-keep <n>", "backups of this server that stay, the newest")
        .argParser(natural)
        .default(7)
        .env("TANDEM_BACKUP_KEEP"),
    )
    .option("--log-level <level>", "trace, debug, info, warn, error or silent", "info");
