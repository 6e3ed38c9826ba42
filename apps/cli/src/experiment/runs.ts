import { readFile } from "node:fs/promises";
import { messageOf, TandemError } from "@tandem/core/errors";
import { listed, plural } from "@tandem/core/format";
import type { JsonObject } from "@tandem/core/json";
import { tagKey } from "@tandem/protocol/experiment-labels";
import type { ExperimentView } from "@tandem/protocol/view";
import { Command } from "commander";
import { atMost, server, setting, token } from "../options";
import { apiOf, oneLine, type Server, say } from "./server";

const of = (name: string, description: string): Command =>
  new Command(name)
    .description(description)
    .addOption(server("that has the experiments"))
    .addOption(token());
const onOne = (name: string, description: string): Command =>
  of(name, description).argument("<experiment>", "its id, at the end of its page's address");

const lineOf = ({ id, config }: ExperimentView) => `${id} · ${oneLine(config.name)}`;

export const sweepCommand = (): Command =>
  of("sweep", "make all experiments of a file: a grid over settings and seeds, as one group")
    .argument(
      "<file>",
      'as npm run simulate takes it, or {"name", "base", "grid": {"alpha": [0.1, 1]}, "seeds": [1, 2]}',
    )
    .option("--as <name>", "of the group, in place of the file's")
    .action(async (path: string, { as, ...flags }: Server & { readonly as?: string }) => {
      const file = await readSweep(path);
      const name = as ?? file.name;
      const made = await apiOf(flags).sweep({ ...file, name });
      for (const view of made) say(lineOf(view));
      say(`✓ ${plural(made.length, "experiment")} in the group ${oneLine(String(name))}`);
    });

/** Throws `bad-config` for what is no JSON object; the server says what else is wrong. */
async function readSweep(path: string): Promise<JsonObject> {
  const bad = (why: string) => new TandemError("bad-config", `${path}: ${why}`);
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw bad(messageOf(error));
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw bad(`not JSON: ${messageOf(error)}`);
  }
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return json as JsonObject;
  throw bad("must be a JSON object");
}

export const cloneCommand = (): Command =>
  onOne("clone", "make an experiment that is like another, as a draft")
    .option("--name <name>", "of the copy")
    .option(
      "--set <path=value...>",
      "other settings, such as rounds=20 strategyConfig.items=64",
      setting,
      {},
    )
    .action(
      async (
        id: string,
        {
          name,
          set: changes,
          ...flags
        }: Server & { readonly name?: string; readonly set: JsonObject },
      ) => {
        const made = await apiOf(flags).clone(id, { ...(name !== undefined && { name }), changes });
        say(`✓ ${lineOf(made)}`);
      },
    );

export const addRoundsCommand = (): Command =>
  onOne("add-rounds", "give an experiment that has not finished more rounds")
    .argument("<rounds>", "so many more", atMost(1000))
    .action(async (id: string, rounds: number, flags: Server) => {
      const { config } = await apiOf(flags).addRounds(id, rounds);
      say(`✓ ${id} has ${plural(config.rounds, "round")}; who has agreed to fewer is asked again`);
    });

export const tagCommand = (): Command =>
  onOne("tag", "put tags on an experiment, or take them off")
    .argument("<tag...>", "in whatever case")
    .option("--remove", "take them off", false)
    .action(
      async (
        id: string,
        tags: readonly string[],
        { remove, ...flags }: Server & { readonly remove: boolean },
      ) => {
        const api = apiOf(flags);
        const named = tags.map(tagKey);
        const others = (await api.view(id)).tags.filter((tag) => !named.includes(tagKey(tag)));
        const left = await api.label(id, { tags: remove ? others : [...others, ...tags] });
        const all = left.tags.map(oneLine);
        say(`✓ ${id} ${all.length > 0 ? `has ${listed(all, "and")}` : "has no tags"}`);
      },
    );

export const archiveCommand = (): Command =>
  of("archive", "take experiments out of the list; nothing of them is deleted")
    .argument("<experiment...>", "their ids")
    .option("--undo", "put them back", false)
    .action(
      async (ids: readonly string[], { undo, ...flags }: Server & { readonly undo: boolean }) => {
        for (const id of ids) {
          const view = await apiOf(flags).label(id, { archived: !undo });
          say(`✓ ${lineOf(view)} is ${undo ? "back in the list" : "archived"}`);
        }
      },
    );
