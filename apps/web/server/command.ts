import { dayMs } from "@tandem/core/duration";
import { defaultDataFolder } from "@tandem/storage/make-folder";
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
  readonly messagesPerClient: number;
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

/** What the server reads from its environment alone. */
const variables = `
Variables without an option:
  TANDEM_DATABASE_URL      postgres://… of a PostgreSQL 15 or newer, instead of the embedded database
  TANDEM_S3_ENDPOINT, TANDEM_S3_BUCKET, TANDEM_S3_ACCESS_KEY_ID, TANDEM_S3_SECRET_ACCESS_KEY,
  TANDEM_S3_REGION         a bucket for the blobs, instead of files in --data
  TANDEM_TEACHER_URL, TANDEM_TEACHER_MODEL, TANDEM_TEACHER_KEY,
  TANDEM_TEACHER_SIZE      a remote teacher with the OpenAI images API
  TANDEM_METRICS_TOKEN     bearer token for GET /metrics; without it only this machine may read them

The manual is at /docs of the running server, and in docs/.`;

/** The server's command line, without what it does: `npm start` reads it before the server is built. */
export const serverCommand = (): Command =>
  withAddressesAndBackups(withLimits(new Command("tandem-server")));

const withLimits = (command: Command): Command =>
  command
    .description("Start the server: dashboard, join pages, REST and sockets in one process.")
    .option("--port <number>", "port to listen on; 0 picks a free one", portNumber, 3000)
    .option(
      "--host <address>",
      "address to listen on, 0.0.0.0 for all (default: this machine only, and all addresses once there is an account)",
    )
    .addOption(
      new Option(
        "--lan",
        "let others in the room in: listen on all addresses, with https by a certificate that the server makes",
      ).default(false, "off"),
    )
    .addOption(
      new Option("--tls-cert <file>", "serve https with this certificate chain, PEM").env(
        "TANDEM_TLS_CERT",
      ),
    )
    .addOption(
      new Option("--tls-key <file>", "private key of the certificate, PEM").env("TANDEM_TLS_KEY"),
    )
    .option(
      "--data <directory>",
      "folder for experiments and blobs; created if missing",
      defaultDataFolder,
    )
    .addOption(
      new Option("--dev", "serve pages with hot reload, not the production build").default(
        false,
        "off",
      ),
    )
    .addOption(new Option("--api-only", "serve no pages").default(false, "off"))
    .option(
      "--connections-per-address <n>",
      "connections that one address may have open, web sockets included; a trusted proxy's are not counted",
      natural,
      defaultLimits.connectionsPerAddress,
    )
    .option(
      "--requests-per-second <n>",
      "requests per second of one address, after a burst of ten times as many; four times as many socket frames",
      natural,
      defaultLimits.requestsPerSecond,
    )
    .option(
      "--messages-per-client <n>",
      "messages of one client that are answered in a second, after a burst of four times as many; rounds shorter than a tenth of a second need more",
      natural,
      defaultLimits.messagesPerClient,
    )
    .option(
      "--places-per-address <share>",
      "share of an experiment's places that one address may hold; 1 for a class behind one address; this machine may hold all",
      share,
      0.5,
    )
    .option(
      "--ready-within <seconds>",
      "a client that has joined and takes no part in a round for this long loses its place",
      natural,
      300,
    )
    .option(
      "--experiment-storage <MiB>",
      "storage of one experiment; uploads beyond it are refused",
      natural,
      16_384,
    )
    .option(
      "--disk-reserve <MiB>",
      "space to keep free on the data's disk; uploads beyond it are refused",
      natural,
      512,
    )
    .option("--audit-days <days>", "days that the audit log keeps", natural, 365)
    .option("--audit-rows <n>", "most entries that the audit log keeps", natural, 100_000);

const withAddressesAndBackups = (command: Command): Command =>
  command
    .addOption(
      new Option(
        "--public-url <url>",
        "address where others find the server, such as https://example.org; links and QR codes use it",
      )
        .argParser(publicUrl)
        .env("TANDEM_PUBLIC_URL"),
    )
    .addOption(
      new Option(
        "--trust-proxy <address>",
        "proxy whose X-Forwarded-* headers are believed, such as 127.0.0.1 or 10.0.0.0/8; may be repeated",
      )
        .argParser(networks)
        .env("TANDEM_TRUSTED_PROXIES"),
    )
    .addOption(
      new Option(
        "--allow-host <name>",
        "further host name to answer to, beside the public one and this machine's; may be repeated",
      )
        .argParser(hosts)
        .env("TANDEM_ALLOWED_HOSTS"),
    )
    .addOption(
      new Option(
        "--allow-origin <origin>",
        "site whose pages may take part, such as https://example.org; may be repeated",
      )
        .argParser(origins)
        .env("TANDEM_ALLOWED_ORIGINS"),
    )
    .addOption(
      new Option(
        "--backup-to <directory>",
        "folder for backups made while the server runs, best on another disk; servers may share it",
      ).env("TANDEM_BACKUP_TO"),
    )
    .addOption(
      new Option("--backup-every <time>", "time between backups, such as 30m, 24h or 7d")
        .argParser(duration)
        .default(dayMs, "24h")
        .env("TANDEM_BACKUP_EVERY"),
    )
    .addOption(
      new Option("--backup-keep <n>", "newest backups of this server to keep")
        .argParser(natural)
        .default(7)
        .env("TANDEM_BACKUP_KEEP"),
    )
    .addOption(
      new Option("--log-level <level>", "least severe log lines to write")
        .choices(["trace", "debug", "info", "warn", "error", "silent"])
        .default("info"),
    )
    .addHelpText("after", variables);
