import { Command, InvalidArgumentError, Option } from "commander";
import { machineLine, thisMachine } from "../harness/machine";
import { createApi } from "../harness/rest-client";
import { atMost, interruptible, listOf, natural, positive, server, token } from "../options";
import { mostRounds } from "../swarm/rounds";
import { benchConnections, type ConnectionsJob, connectionsTable } from "./connections";
import { benchOverhead, type OverheadJob, overheadTable, sharesTable } from "./overhead";
import {
  benchProtocol,
  defaultSizes,
  nameOf,
  type ProtocolJob,
  protocolTable,
  type Size,
} from "./protocol";
import { sharesOf } from "./round-shares";
import { progress } from "./run";
import { history, json, loadBefore, record, save } from "./save";

export const protocolCommand = () =>
  new Command("protocol")
    .description(
      "FedAvg's rounds a second, acknowledgements and memory of a real server, with clients that train nothing",
    )
    .addOption(
      new Option(
        "--only <sizes>",
        "numbers of clients and parameters, such as 8x100k or 8x100k,1000x10k",
      )
        .argParser(sizes)
        .default(defaultSizes, defaultSizes.map(nameOf).join(",")),
    )
    .option("--rounds <n>", "rounds to measure at most", atMost(mostRounds), mostRounds)
    .option(
      "--seconds <n>",
      "seconds for each size; two rounds are waited for in any case",
      positive,
      20,
    )
    .option(
      "--postgres <url>",
      "postgres://… of an empty database for each run, instead of the embedded one",
    )
    .option(...json)
    .option(...history)
    .action((options: ProtocolOptions) =>
      interruptible(async (signal) => {
        const { only, json: path, history: log, ...job } = options;
        const load = loadBefore();
        const say = progress(process.stderr);
        const way = { note: say.note, signal };
        const rows = await benchProtocol({ sizes: only, ...job }, way).finally(() => say.end());
        process.stdout.write(machineLine(thisMachine()) + protocolTable(rows));
        await save(path, rows);
        await record(log, { loadBefore: load, rows });
      }),
    );
type ProtocolOptions = Omit<ProtocolJob, "sizes"> & {
  readonly only: readonly Size[];
  readonly json?: string;
  readonly history?: string;
};

export const connectionsCommand = () =>
  new Command("connections")
    .description(
      "idle connections held to a real server: acknowledgements meanwhile, and memory of each",
    )
    .option("--connections <n>", "connections to hold", atMost(10_000), 2000)
    .option("--minutes <n>", "minutes to hold them", positive, 1)
    .option("--processes <n>", "processes among which they are spread", natural, 4)
    .option(...json)
    .option(...history)
    .action((options: ConnectionsJob & { readonly json?: string; readonly history?: string }) =>
      interruptible(async (signal) => {
        const { json: path, history: log, ...job } = options;
        const load = loadBefore();
        const say = progress(process.stderr);
        const way = { note: say.note, signal };
        const report = await benchConnections(job, way).finally(() => say.end());
        process.stdout.write(machineLine(thisMachine()) + connectionsTable(report));
        await save(path, report);
        await record(log, { loadBefore: load, rows: [report] });
      }),
    );

export const overheadCommand = () =>
  new Command("overhead")
    .description(
      "share of a round in which neither clients nor teacher compute, and what it costs by number of clients; or the share in a run of a server",
    )
    .option("--clients <list>", "numbers of clients, in turn", listOf(natural), [4, 8, 16, 32])
    .option("--parameters <n>", "that each uploads", natural, 10_000)
    .option("--compute <seconds>", "seconds that each waits, as if it trained", positive, 2)
    .option("--rounds <n>", "rounds to measure with each number", atMost(mostRounds), 5)
    .option("--experiment <id>", "look at this run of --url, and play none")
    .addOption(server("for --experiment"))
    .addOption(token())
    .option(...json)
    .option(...history)
    .action((options: OverheadOptions) =>
      interruptible(async (signal) => {
        const { json: path, history: log, experiment, url, token: of, ...job } = options;
        if (experiment !== undefined) {
          const shares = sharesOf(await createApi(url, of).view(experiment));
          process.stdout.write(sharesTable(shares));
          return save(path, shares);
        }
        const load = loadBefore();
        const say = progress(process.stderr);
        const way = { note: say.note, signal };
        const report = await benchOverhead(job, way).finally(() => say.end());
        process.stdout.write(machineLine(thisMachine()) + overheadTable(report));
        await save(path, report);
        await record(log, { loadBefore: load, rows: [report] });
      }),
    );
type OverheadOptions = OverheadJob & {
  readonly experiment?: string;
  readonly url: string;
  readonly token?: string;
  readonly json?: string;
  readonly history?: string;
};

/** "8x100k,1000x10000". */
function sizes(text: string): readonly Size[] {
  return text.split(",").map((one) => {
    const [, clients, parameters, thousands] = /^([1-9]\d*)x([1-9]\d*)(k?)$/.exec(one.trim()) ?? [];
    if (parameters === undefined)
      throw new InvalidArgumentError(
        `give clients and parameters, such as ${defaultSizes.map(nameOf).join(",")}.`,
      );
    return { clients: Number(clients), parameters: Number(parameters) * (thousands ? 1000 : 1) };
  });
}
