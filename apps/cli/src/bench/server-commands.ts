import { Command, InvalidArgumentError, Option } from "commander";
import { machineLine, thisMachine } from "../harness/machine";
import { atMost, interruptible, positive } from "../options";
import { mostRounds } from "../swarm/rounds";
import {
  benchProtocol,
  defaultSizes,
  nameOf,
  type ProtocolJob,
  protocolTable,
  type Size,
} from "./protocol";
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
