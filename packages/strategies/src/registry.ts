import { TandemError } from "@tandem/core/errors";
import type { JsonObject } from "@tandem/core/json";
import type { ClientHalf, Needs, Retired, ServerHalf, Strategy } from "@tandem/core/strategy";
import * as z from "zod/mini";
import english from "zod/v4/locales/en.js";
import { centralised } from "./centralised";
import { localTraining } from "./config-fields";
import { creamfl } from "./creamfl";
import { dsfl } from "./dsfl";
import { fd } from "./fd";
import { fedavg } from "./fedavg";
import { feddf } from "./feddf";
import { fedgen } from "./fedgen";
import { fedktl } from "./fedktl/fedktl";
import { fedmd } from "./fedmd";
import { fedmmkt } from "./fedmmkt/fedmmkt";
import { fedproto } from "./fedproto";
import { fedprox } from "./fedprox";
import { lgFedavg } from "./lg-fedavg";
import { local } from "./local";
import { syntheticOnly } from "./synthetic-only";

/** A strategy whose configuration is parsed by itself: what everything but its own file works with. */
export type AnyStrategy = {
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly source: string;
  /** With these settings: what leaves a participant's tab. */
  disclosure(config: JsonObject): string | undefined;
  readonly needs: Needs;
  readonly formerly: JsonObject;
  /** JSON Schema of the configuration, with defaults. */
  readonly schema: JsonObject;
  readonly retired?: Retired;
  /**
   * The whole configuration with its defaults, without what is retired; throws `bad-config` naming the
   * field.
   */
  parse(config: JsonObject): JsonObject;
  server(config: JsonObject): ServerHalf;
  client(config: JsonObject): ClientHalf;
};

function erase<Config>(strategy: Strategy<Config>): AnyStrategy {
  const {
    name,
    title,
    summary,
    source,
    disclosure,
    needs,
    config: schema,
    formerly = {},
    retired,
  } = strategy;
  const parse = (config: JsonObject): Config => {
    const { current, gone } = withoutRetired(config, retired);
    const [field] = Object.keys(gone);
    if (field !== undefined)
      throw new TandemError(
        "bad-config",
        `${name}: ${field}: there is no such setting any more: leave it out, or check out commit ${retired?.commit}, which has it.`,
      );
    const result = z.safeParse(schema, current, { error: localeError });
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    throw new TandemError(
      "bad-config",
      `${name}: ${issue.path.join(".") || "configuration"}: ${issue.message}`,
    );
  };
  return {
    name,
    title,
    summary,
    source,
    disclosure: (config) =>
      typeof disclosure === "function" ? disclosure(parse(config)) : disclosure,
    needs,
    formerly,
    schema: z.toJSONSchema(schema, { io: "input" }) as unknown as JsonObject, // plain JSON by definition
    ...(retired && { retired }),
    parse: (config) => parse(config) as unknown as JsonObject, // configurations are plain JSON
    server: (config) => strategy.server(parse(config)),
    client: (config) => strategy.client(parse(config)),
  };
}

/** What a configuration sets now, and what it sets of retired fields that would change what runs. */
export function withoutRetired(
  config: JsonObject,
  retired: Retired | undefined,
): { readonly current: JsonObject; readonly gone: JsonObject } {
  const last = retired?.lastDefaults ?? {};
  const isRetired = (field: string) => Object.hasOwn(last, field);
  const fields = Object.entries(config).filter(([field]) => !retired?.idle?.includes(field));
  return {
    current: Object.fromEntries(fields.filter(([field]) => !isRetired(field))),
    gone: Object.fromEntries(
      fields.filter(([field, value]) => isRetired(field) && value !== last[field]),
    ),
  };
}

// The small zod has no words of its own: every issue would read "Invalid input".
const { localeError } = english();

export const strategies: readonly AnyStrategy[] = [
  erase(fedmmkt),
  erase(fedavg),
  erase(local),
  erase(syntheticOnly),
  erase(centralised),
  erase(fedprox),
  erase(fedmd),
  erase(dsfl),
  erase(feddf),
  erase(fedproto),
  erase(fd),
  erase(lgFedavg),
  erase(fedgen),
  erase(fedktl),
  erase(creamfl),
];

/** Throws `not-found` with the names that exist. */
export function strategyNamed(name: string): AnyStrategy {
  const found = strategies.find((strategy) => strategy.name === name);
  if (found) return found;
  const known = strategies.map((strategy) => strategy.name).join(", ");
  throw new TandemError("not-found", `There is no strategy "${name}": use one of ${known}.`);
}

/** What trains alone as a strategy with this configuration has its clients train; for the rest, as by default. */
export function trainedAlone(config: JsonObject): ClientHalf {
  const fields = Object.keys(localTraining).filter((field) => config[field] !== undefined);
  const own = Object.fromEntries(fields.map((field) => [field, config[field]]));
  return strategyNamed("local").client(own);
}
