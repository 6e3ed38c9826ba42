import { statusOf } from "@tandem/transport/replies";
import type * as z from "zod/mini";
import { ruleOf } from "../apps/web/server/access";
import type { Answer, RouteName } from "../apps/web/server/openapi/describe";
import {
  described,
  errorsOf,
  jsonSchemaOf,
  openApi,
  routeNames,
  tagOf,
  whoWords,
} from "../apps/web/server/openapi/document";
import { answers } from "../apps/web/server/openapi/views";
import { beginning } from "./rest-beginning";

const sections = [
  ["experiments", "Experiments"],
  ["tasks", "Tasks"],
  ["accounts", "Accounts"],
  ["owners", "For owners"],
  ["server", "The server"],
] as const;

/** `docs/rest.md`, of what the server says of its routes. */
export function restManual(): string {
  const parts = sections.map(([tag, title]) => {
    const own = routeNames.filter((name) => tagOf(name) === tag);
    return `## ${title}\n\n${own.map(routeOf).join("\n")}`;
  });
  return `${beginning}
${errorTable()}
${parts.join("\n")}
## Types

What answers are made of. Times are epoch milliseconds, shares and accuracies 0 to 1, sizes bytes.

${typesOf()}`;
}

function errorTable(): string {
  const rows = Object.entries(statusOf).map(([code, status]) => `| \`${code}\` | ${status} |`);
  return `| Code | Status |\n| --- | --- |\n${[...rows, "| `internal` | 500 |"].join("\n")}\n`;
}

function routeOf(name: RouteName): string {
  const { summary, about, query, body, answer } = described[name];
  const { who, action } = ruleOf("routes", name);
  const facts = [
    `For ${whoWords[who]}.`,
    action && `In the audit log: \`${action}\`.`,
    `Answer: ${answerOf(answer)}.`,
    errorsOf(name).length > 0 &&
      `Errors: ${errorsOf(name)
        .map((code) => `\`${code}\``)
        .join(", ")}.`,
  ].filter(Boolean);
  return [
    `### ${name.replace(/:(\w+)/g, "{$1}")}\n`,
    `${summary}.${about ? ` ${about}` : ""}\n`,
    `${facts.join(" ")}\n`,
    ...(query ? ["Query:\n", block(shapeOf(withoutLists(query)))] : []),
    ...(body === "zip" ? ["Body: the zip.\n"] : []),
    ...(body && body !== "zip" ? ["Body:\n", block(shapeOf(jsonSchemaOf(body, "input")))] : []),
  ].join("\n");
}

/** Of a query, a list that is left out is an empty one. */
function withoutLists(query: z.ZodMiniType): Schema {
  const schema: Schema = jsonSchemaOf(query, "input");
  const isList = (name: string) => schema.properties?.[name]?.type === "array";
  return { ...schema, required: schema.required?.filter((name) => !isList(name)) ?? [] };
}

const block = (text: string): string => `\`\`\`ts\n${text}\n\`\`\`\n`;

function answerOf(answer: Answer): string {
  if ("type" in answer) {
    const { status, type, schema } = answer;
    return schema && type === "application/json"
      ? `${status}, \`${shapeOf(jsonSchemaOf(schema, "output"), Number.POSITIVE_INFINITY)}\``
      : `${status}, \`${type}\``;
  }
  if (!("schema" in answer)) return `${answer.status}, nothing`;
  const { status, schema, isList } = answer;
  return `${status}, ${isList ? "a list of " : ""}[${schema}](#${schema.toLowerCase()})`;
}

function typesOf(): string {
  const { components } = openApi() as { readonly components: { readonly schemas: Schemas } };
  return Object.keys(answers)
    .map((name) => `### ${name}\n\n${block(shapeOf(components.schemas[name]))}`)
    .join("\n");
}

type Schemas = Readonly<Record<string, Schema>>;
type Schema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly properties?: Schemas;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly default?: unknown;
};

/** A schema as people write types; objects that do not fit a line take one for each field. */
function shapeOf(schema: Schema, width = 90, indent = ""): string {
  const { $ref, type, enum: values, anyOf, oneOf, items, prefixItems, properties } = schema;
  const inner = (one: Schema) => shapeOf(one, width, indent);
  if ($ref) return $ref.slice($ref.lastIndexOf("/") + 1);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (values) return values.map((value) => JSON.stringify(value)).join(" | ");
  const either = anyOf ?? oneOf;
  if (either) return [...new Set(either.map(inner))].join(" | ");
  if (prefixItems) return `[${prefixItems.map(inner).join(", ")}]`;
  if (items) return /[ |]/.test(inner(items)) ? `(${inner(items)})[]` : `${inner(items)}[]`;
  if (properties) return objectOf(schema, width, indent);
  if (type === "object") {
    const { additionalProperties: rest } = schema;
    return `{ [name]: ${typeof rest === "object" && Object.keys(rest).length > 0 ? inner(rest) : "any"} }`;
  }
  const words = (Array.isArray(type) ? type : [type ?? "any"]) as readonly string[];
  return words.map((word) => (word === "integer" ? "number" : word)).join(" | ");
}

function objectOf(schema: Schema, width: number, indent: string): string {
  const { properties = {}, required = [] } = schema;
  const fields = (deeper: string) =>
    Object.entries(properties).map(([name, field]) => {
      const isOptional = !required.includes(name);
      const value = shapeOf(field, width, deeper);
      const hasDefault = isOptional && field.default !== undefined;
      const fallback = hasDefault ? ` = ${JSON.stringify(field.default)}` : "";
      const key = /^\w+$/.test(name) ? name : JSON.stringify(name);
      return `${key}${isOptional ? "?" : ""}: ${value}${fallback}`;
    });
  const line = `{ ${fields(indent).join("; ")} }`;
  if (!line.includes("\n") && line.length + indent.length <= width) return line;
  const deeper = `${indent}  `;
  return `{\n${fields(deeper)
    .map((field) => `${deeper}${field}`)
    .join("\n")}\n${indent}}`;
}
