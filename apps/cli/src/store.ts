import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { plural } from "@tandem/core/format";
import { backUp, type Counts, restore } from "@tandem/storage/backup";
import { collectGarbage } from "@tandem/storage/garbage";
import { openStores, type Stores } from "@tandem/storage/open-stores";
import { paintedFile } from "@tandem/storage/painted-file";
import { Command } from "commander";
import { amount } from "./options";

/** Of the same folder and environment as the server's, which must not run meanwhile. */
async function withStores<T>(
  data: string,
  use: (stores: Stores & Record<"teachers" | "backbones" | "painted", string>) => Promise<T>,
): Promise<T> {
  const directory = resolve(data);
  await mkdir(directory, { recursive: true });
  const stores = await openStores({ directory, environment: process.env });
  try {
    return await use({
      ...stores,
      teachers: join(directory, "teachers"),
      backbones: join(directory, "backbones"),
      painted: join(directory, paintedFile),
    });
  } finally {
    await stores.store.close();
  }
}

function progressOf(): (done: number, of: number) => void {
  let at = Date.now();
  return (done, of) => {
    if (Date.now() - at < 2000) return;
    at = Date.now();
    process.stdout.write(`  ${done} of ${of} blobs\n`);
  };
}

const amountOf = ({ experiments, tasks, bases, backboneFiles, blobs }: Counts) =>
  `${plural(experiments, "experiment")}, ${plural(tasks, "task")}, ${plural(bases, "trained base")}, ${plural(backboneFiles, "file of backbones", "files of backbones")} and ${plural(blobs, "blob")}`;
const say = (text: string) => process.stdout.write(`${text}\n`);

export function storeCommand(): Command {
  const of = (name: string, description: string) =>
    new Command(name)
      .description(description)
      .option("--data <directory>", "as the server's", ".tandem/data");
  return new Command("store")
    .description("look after what a stopped server has kept, wherever its variables say")
    .addCommand(
      of(
        "backup",
        "write all experiments, tasks, their blobs, trained bases and backbones to a new folder",
      )
        .requiredOption("--out <directory>", "must not be there yet")
        .action(async ({ data, out }: { readonly data: string; readonly out: string }) => {
          const counts = await withStores(data, (from) => backUp(from, resolve(out), progressOf()));
          say(`✓ ${amountOf(counts)} in ${out}`);
        }),
    )
    .addCommand(
      of(
        "restore",
        "put a backup's experiments, tasks, blobs, trained bases and backbones into these stores, of any kind",
      )
        .requiredOption("--from <directory>", "a backup")
        .action(async ({ data, from }: { readonly data: string; readonly from: string }) => {
          const counts = await withStores(data, (to) => restore(to, resolve(from), progressOf()));
          say(`✓ ${amountOf(counts)} restored`);
        }),
    )
    .addCommand(
      of(
        "gc",
        "delete blobs that neither experiment nor task names; the server does so when it starts",
      )
        .option("--older-than <hours>", "and nobody has put for so long", amount, 24)
        .action(
          async ({ data, olderThan }: { readonly data: string; readonly olderThan: number }) => {
            const graceMs = olderThan * 3_600_000;
            const { kept, deleted } = await withStores(data, (stores) =>
              collectGarbage({ ...stores, now: Date.now(), graceMs }),
            );
            say(`✓ ${plural(deleted, "blob")} deleted, ${kept} kept`);
          },
        ),
    );
}
