import { readFileSync } from "node:fs";
import { join } from "node:path";
import { experimentConfig } from "@tandem/protocol/experiment-config";
import { strategies } from "@tandem/strategies/registry";
import type { Command, Option } from "commander";
import * as z from "zod/mini";
import { program } from "../apps/cli/src/program";
import { serverCommand } from "../apps/web/server/command";
import { root } from "./sources";

/** What `npm run NAME` calls, by what people type before its options. */
export function commandsByName(): ReadonlyMap<string, Command> {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const found = new Map<string, Command>([["npm start", serverCommand()]]);
  const all = program();
  for (const [name, script] of Object.entries<string>(scripts)) {
    const [, path] = /apps\/cli\/src\/main\.ts (.+)$/.exec(script) ?? [];
    const words = name === "demo" ? ["demo"] : path?.split(" ");
    const command = words && commandAt(all, words);
    if (command) found.set(`npm run ${name}`, command);
  }
  return found;
}

const commandAt = (from: Command, words: readonly string[]): Command | undefined =>
  words.reduce<Command | undefined>(
    (at, word) => at?.commands.find((command) => command.name() === word),
    from,
  );

/** `docs/cli.md`, of what the commands say of themselves. */
export function cliManual(): string {
  const parts = [...commandsByName()].map(([name, command]) => {
    const { parent } = command;
    if (!parent?.parent) return manualOf(name, command, 2);
    const whole = `npm run ${parent.name()} -- ${command.name()}`;
    return `## ${name}\n\nShort for [\`${whole}\`](#${whole.replaceAll(" ", "-")}).\n`;
  });
  return `# Command reference

Made from the commands' own \`--help\` by \`npm run manual\`. Options come after \`--\`, as in \`npm start -- --port 8080\`; each command takes \`--help\`. An option with a variable can be set by it instead.

${parts.join("\n")}`;
}

function manualOf(name: string, command: Command, depth: number): string {
  const inner = command.commands.map((one) =>
    manualOf(`${name}${depth === 2 ? " --" : ""} ${one.name()}`, one, depth + 1),
  );
  const options = command.options.filter(({ hidden }) => !hidden);
  return [
    `${"#".repeat(Math.min(depth, 4))} ${name}\n`,
    `${sentence(command.description())}\n`,
    ...(inner.length > 0 ? [] : [`\`\`\`text\n${usageOf(name, command, depth)}\n\`\`\`\n`]),
    ...(command.registeredArguments.length > 0
      ? [
          table(
            ["Argument", "Meaning"],
            command.registeredArguments.map((argument) => [
              `\`${argument.name()}\``,
              `${argument.description}${argument.required ? "" : " (optional)"}`,
            ]),
          ),
        ]
      : []),
    ...(options.length > 0
      ? [table(["Option", "Meaning", "Default", "Variable"], options.map(rowOf))]
      : []),
    ...inner,
  ].join("\n");
}

const usageOf = (name: string, command: Command, depth: number) =>
  [
    depth === 2 ? `${name} --` : name,
    ...command.registeredArguments.map((argument) => {
      const shown = `${argument.name()}${argument.variadic ? "..." : ""}`;
      return argument.required ? `<${shown}>` : `[${shown}]`;
    }),
    "[options]",
  ].join(" ");

function rowOf(option: Option): readonly string[] {
  const { flags, description, argChoices, defaultValue, defaultValueDescription, envVar } = option;
  const choices = argChoices ? `: ${argChoices.map((one) => `\`${one}\``).join(", ")}` : "";
  const isPlain = typeof defaultValue === "string" || typeof defaultValue === "number";
  const fallback = defaultValueDescription ?? (isPlain ? String(defaultValue) : "");
  const needed = option.mandatory ? "required" : "";
  return [`\`${flags}\``, description + choices, fallback || needed, envVar ? `\`${envVar}\`` : ""];
}

/** `docs/settings.md`, of the schemas that the form is made from. */
export function settingsManual(): string {
  const schema = z.toJSONSchema(experimentConfig, { io: "input", unrepresentable: "any" });
  const own = Object.entries(schema.properties ?? {}).map(([name, field]) =>
    settingOf(name, field as Field),
  );
  const others = strategies.map(({ name, title, summary, schema }) => {
    const fields = Object.entries((schema.properties ?? {}) as Record<string, Field>);
    const rows = fields.map(([key, field]) => [
      `\`${key}\``,
      `**${field.title ?? key}.** ${field.description ?? ""}`,
      shownValue(field.default),
      boundsOf(field),
    ]);
    const settings =
      rows.length === 0
        ? "It has no settings.\n"
        : table(["Setting", "Meaning", "Default", "Values"], rows);
    return `### Settings of ${name}\n\n${title}. ${summary}\n\n${settings}`;
  });
  return `# Settings

Every setting of an experiment, made from the schemas of the form by \`npm run manual\`. In the form they have the names in bold; in an experiment's file, in the REST interface and with \`--config\` they have the names of the headings. All but the name have defaults.

## Of an experiment

${own.join("\n")}
## Of a strategy

These are \`strategyConfig\` in a file and in the REST interface, and \`--set key=value\` on the command line.

${others.join("\n")}`;
}

type Field = {
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
};

function settingOf(name: string, field: Field): string {
  const title = field.title ?? "The strategy's own settings";
  const said = field.description ?? "By their names; what is left out has its default.";
  const facts = [
    field.default !== undefined && `Default: ${shownValue(field.default)}.`,
    boundsOf(field) && `Values: ${boundsOf(field)}.`,
  ].filter(Boolean);
  return `### ${name}\n\n**${title}.** ${sentence(said)}${facts.length > 0 ? ` ${facts.join(" ")}` : ""}\n`;
}

const shownValue = (value: unknown) => (value === undefined ? "" : `\`${JSON.stringify(value)}\``);

function boundsOf({ enum: options, type, minimum, maximum, exclusiveMinimum }: Field): string {
  if (options) return options.map(shownValue).join(", ");
  if (type === "boolean") return "`true`, `false`";
  const from = exclusiveMinimum !== undefined ? `above ${exclusiveMinimum}` : minimum;
  if (from === undefined || maximum === undefined) return "";
  return `${from} to ${maximum}${type === "integer" ? ", whole" : ""}`;
}

const sentence = (text: string) => {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?)]$/.test(begun) ? begun : `${begun}.`;
};

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replace(/\s+/g, " ")).join(" | ")} |`;
  return `${[line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n")}\n`;
}
