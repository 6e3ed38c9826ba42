import type { ErrorCode } from "@tandem/core/errors";
import { statusOf } from "@tandem/transport/replies";
import * as z from "zod/mini";
import type { Who } from "../../lib/may";
import { access, ruleOf } from "../access";
import type { Answer, Described, RouteName } from "./describe";
import { experimentRoutes } from "./routes-experiments";
import { serverRoutes } from "./routes-server";
import { taskRoutes } from "./routes-tasks";
import { answers } from "./views";

/** Every route of `access.ts`, and no other: one without a description does not compile. */
export const described: Readonly<Record<RouteName, Described>> = {
  ...serverRoutes,
  ...experimentRoutes,
  ...taskRoutes,
};

export const routeNames = Object.keys(access.routes) as readonly RouteName[];

/** In words, by those of the table. */
export const whoWords: Readonly<Record<Who, string>> = {
  anyone: "anyone",
  operator: "whoever runs the server",
  participant: "a participant with the token of a place, or whoever may spend",
  viewer: "a viewer",
  researcher: "a researcher",
  spender: "a researcher who may spend",
  account: "an account, signed in, of its own things",
  owner: "an owner, signed in",
};

/** Who sends no token: a person who has signed in. */
const isSignedIn = (who: Who) => who === "account" || who === "owner";

/** Every failure that a caller should expect of a route. */
export function errorsOf(name: RouteName): readonly ErrorCode[] {
  const { who } = ruleOf("routes", name);
  const { body, query, errors = [] } = described[name];
  const hasPath = name.includes("/:");
  return [
    ...new Set<ErrorCode>([
      ...(body || query ? (["bad-config"] as const) : []),
      ...(body ? (["bad-message", "too-large"] as const) : []),
      ...(who === "anyone" || who === "operator" ? [] : (["unauthorised", "forbidden"] as const)),
      ...(hasPath ? (["not-found"] as const) : []),
      ...errors,
    ]),
  ].sort();
}

type Json = Readonly<Record<string, unknown>>;

/** The JSON Schema (2020-12) of a schema; `io`: as it is sent, or as it is after its defaults. */
export function jsonSchemaOf(schema: z.ZodMiniType, io: "input" | "output"): Json {
  const { $schema: _, $defs: __, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return withoutDefinitions(rest) as Json;
}

/** The one definition that schemas here refer to is that of any JSON, which is no constraint. */
function withoutDefinitions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDefinitions);
  if (typeof value !== "object" || value === null) return value;
  if ("$ref" in value && String(value.$ref).startsWith("#/$defs/")) return {};
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, withoutDefinitions(inner)]),
  );
}

/** All of it as OpenAPI 3.1. */
export function openApi(): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const name of routeNames) {
    const [method, path] = name.split(" ");
    const place = path.replace(/:(\w+)/g, "{$1}");
    paths[place] = { ...paths[place], [method.toLowerCase()]: operationOf(name, path) };
  }
  const { $schema: _, ...schemas } = registered();
  return {
    openapi: "3.1.0",
    info: {
      title: "Tandem",
      version: "0.1.0",
      description: "Federated learning whose clients are browser tabs, with a teacher that paints.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    paths,
    components: {
      schemas,
      securitySchemes: {
        token: { type: "http", scheme: "bearer", description: "An account's API token, `tdm_…`." },
        session: { type: "apiKey", in: "cookie", name: "tandem.session_token" },
      },
    },
  };
}

/** Schemas of answers, which refer to one another by their names. */
function registered(): Readonly<Record<string, Json>> {
  const names = z.registry<{ readonly id: string }>();
  for (const [id, schema] of Object.entries(answers)) names.add(schema as z.ZodMiniType, { id });
  const { schemas } = z.toJSONSchema(names, {
    ...{ io: "output", unrepresentable: "any" },
    uri: (id) => `#/components/schemas/${id}`,
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _, $id: __, ...schema }]) => [id, schema]),
  );
}

function operationOf(name: RouteName, path: string): Json {
  const { who, action } = ruleOf("routes", name);
  const { summary, about, body, query, answer } = described[name];
  const security =
    who === "anyone" ? [] : [{ session: [] }, ...(isSignedIn(who) ? [] : [{ token: [] }])];
  return {
    operationId: operationIdOf(name),
    tags: [tagOf(name)],
    summary,
    ...(about && { description: about }),
    ...{ security, "x-who": whoWords[who], ...(action && { "x-audit-action": action }) },
    parameters: [...pathParameters(path), ...(query ? queryParameters(query) : [])],
    ...(body && { requestBody: { required: true, content: contentOf(body) } }),
    responses: { [answer.status]: responseOf(answer), ...failures(errorsOf(name)) },
  };
}

/** `POST /api/experiments/:id/start` → `postExperimentsIdStart` */
const operationIdOf = (name: RouteName): string =>
  name
    .replace("/api/", "/")
    .split(/[^A-Za-z0-9]+/)
    .map((word, i) => (i === 0 ? word.toLowerCase() : word.charAt(0).toUpperCase() + word.slice(1)))
    .join("");

/** The first part of its path, by which the reference is divided. */
export function tagOf(name: RouteName): string {
  const [, first = "server"] = /\/api\/([a-z]+)/.exec(name) ?? [];
  const tags: Readonly<Record<string, string>> = {
    ...{ experiments: "experiments", experiment: "experiments", sweeps: "experiments" },
    ...{ strategies: "experiments", tasks: "tasks", teachers: "tasks", backbones: "tasks" },
    ...{ previews: "tasks", me: "accounts", sign: "accounts", accounts: "accounts" },
    ...{ account: "accounts", audit: "owners", backups: "owners", spending: "owners" },
  };
  return tags[first] ?? "server";
}

const pathParameters = (path: string): readonly Json[] =>
  Array.from(path.matchAll(/:(\w+)/g), ([, name]) => ({
    ...{ name, in: "path", required: true },
    schema: { type: "string" },
  }));

function queryParameters(query: z.ZodMiniType): readonly Json[] {
  const { properties = {}, required = [] } = jsonSchemaOf(query, "input") as {
    readonly properties?: Readonly<Record<string, Json>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    ...{ name, in: "query", schema },
    // Lists may be left out: nothing of them is wanted then.
    required: required.includes(name) && schema.type !== "array",
  }));
}

const contentOf = (body: z.ZodMiniType | "zip"): Json =>
  body === "zip"
    ? { "application/zip": { schema: { type: "string", format: "binary" } } }
    : { "application/json": { schema: jsonSchemaOf(body, "input") } };

function responseOf(answer: Answer): Json {
  if (!("schema" in answer) && !("type" in answer)) return { description: "Done" };
  if ("type" in answer) {
    const { type, schema } = answer;
    const shape = schema ? jsonSchemaOf(schema, "output") : { type: "string", format: "binary" };
    return { description: "The answer", content: { [type]: { schema: shape } } };
  }
  const ref = { $ref: `#/components/schemas/${answer.schema}` };
  const schema = answer.isList ? { type: "array", items: ref } : ref;
  return { description: "The answer", content: { "application/json": { schema } } };
}

/** Of the same status, one response. */
function failures(codes: readonly ErrorCode[]): Json {
  const schema = { $ref: "#/components/schemas/Error" };
  const content = { "application/json": { schema } };
  const byStatus: Record<number, Json> = {};
  for (const status of new Set(codes.map((code) => statusOf[code]))) {
    const own = codes.filter((code) => statusOf[code] === status);
    byStatus[status] = { description: own.map((code) => `\`${code}\``).join(", "), content };
  }
  return byStatus;
}
