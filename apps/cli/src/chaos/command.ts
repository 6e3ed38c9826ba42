import { Command, InvalidArgumentError, Option } from "commander";
import { namesOf, natural, smallerShare, whole } from "../options";
import { checkChaos } from "./check";
import { reportLines, verdictOf } from "./report";
import { type ChaosOptions, runChaos } from "./run";
import { kinds } from "./strangers/kinds";

async function chaos(options: ChaosOptions): Promise<void> {
  const abort = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => abort.abort(new Error("interrupted")));
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const played = await runChaos(options, { say, signal: abort.signal });
  try {
    say("· computing every aggregate again from the log …");
    const checked = await checkChaos(played);
    for (const line of reportLines(played, checked)) say(line);
    const { text, isGood } = verdictOf(options, played, checked);
    say(text);
    if (!isGood) process.exitCode = 1;
  } finally {
    await played.forget();
  }
}

const allKinds = kinds.map(({ name }) => name);

function kindsOf(text: string): readonly string[] {
  const names = namesOf(text);
  const odd = names.find((name) => !allKinds.includes(name));
  if (odd === undefined) return names;
  throw new InvalidArgumentError(`there is no ${odd}: use one of ${allKinds.join(", ")}.`);
}

export const chaosCommand = (): Command =>
  new Command("chaos")
    .description(
      "run a real server and clients over a real network, break all three again and again, and check that nothing is lost",
    )
    .option("--rounds <n>", "rounds to run", natural, 20)
    .option(
      "--fail <share>",
      "share of the clients that a fault strikes in each round",
      smallerShare,
      0.3,
    )
    .option(
      "--kill-every <n>",
      "rounds from one SIGKILL of the server to the next; 0: none",
      whole,
      5,
    )
    .option("--seed <n>", "seed of data, faults and kills", whole, 1)
    .option("--clients <n>", "clients to run, all in this process", natural, 6)
    .option(
      "--strangers <n>",
      "hostile connections at a time that attack the server meanwhile",
      whole,
      0,
    )
    .addOption(
      new Option("--only <kinds>", "kinds of strangers to send, separated by commas")
        .argParser(kindsOf)
        .default(allKinds, "all"),
    )
    .option("--rest <seconds>", "seconds to measure before strangers come", natural, 10)
    .option("--strategy <name>", "strategy to run; it must need no teacher", "fedavg")
    .option("--deadline <seconds>", "seconds that a round waits for answers", natural, 5)
    .action(chaos);
