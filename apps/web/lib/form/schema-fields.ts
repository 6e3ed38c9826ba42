import type { Json, JsonObject } from "@tandem/core/json";

type Schema = {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: Json;
  readonly enum?: readonly Json[];
  readonly const?: Json;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
};

type Common = {
  readonly name: string;
  readonly title: string;
  readonly description?: string;
  readonly fallback?: Json;
};
/** What a form draws for one property of a JSON Schema. */
export type Field = Common &
  (
    | {
        readonly kind: "number";
        readonly integer: boolean;
        /** People read and write seconds where the schema says milliseconds. */
        readonly unit?: "s";
        readonly schema: Schema;
      }
    | { readonly kind: "text"; readonly schema: Schema }
    | { readonly kind: "boolean" }
    | { readonly kind: "choice"; readonly options: readonly Json[] }
    | { readonly kind: "group"; readonly fields: readonly Field[] }
    | { readonly kind: "json" }
  );

/** A form holds text for everything except switches, so that nothing typed is ever lost. */
export type RawValue = string | boolean | RawValues | undefined;
export type RawValues = { readonly [name: string]: RawValue };

/** Fields of an object schema, as `z.toJSONSchema` writes it. */
export function fieldsOf(schema: Readonly<Record<string, unknown>>): readonly Field[] {
  const { properties = {} } = schema as Schema; // written by our own server from zod
  return Object.entries(properties).map(([name, property]) => fieldOf(name, property));
}

function fieldOf(name: string, schema: Schema): Field {
  const common: Common = {
    name,
    title: schema.title ?? titleOf(name),
    ...(schema.description !== undefined && { description: schema.description }),
    ...(schema.default !== undefined && { fallback: schema.default }),
  };
  const options = schema.enum ?? constants(schema);
  if (options) return { ...common, kind: "choice", options };
  switch (schema.type) {
    case "integer":
    case "number":
      return {
        ...common,
        kind: "number",
        integer: schema.type === "integer",
        ...(name.endsWith("Ms") && { unit: "s" }),
        schema,
      };
    case "boolean":
      return { ...common, kind: "boolean" };
    case "string":
      return { ...common, kind: "text", schema };
    case "object":
      return schema.properties
        ? { ...common, kind: "group", fields: fieldsOf(schema) }
        : { ...common, kind: "json" };
    default:
      return { ...common, kind: "json" };
  }
}

function constants({ const: single, anyOf }: Schema): readonly Json[] | undefined {
  if (single !== undefined) return [single];
  const values = anyOf?.map((option) => option.const);
  return values?.every((value) => value !== undefined) ? values : undefined;
}

/** `learningRate` → `Learning rate`. */
export function titleOf(name: string): string {
  const words = name.replace(/([a-z\d])([A-Z])/g, "$1 $2").toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What an untouched form holds. `given` wins over the schema's own defaults. */
export function initialValues(fields: readonly Field[], given: JsonObject = {}): RawValues {
  return Object.fromEntries(
    fields.map((field) => [field.name, initialValue(field, given[field.name] ?? field.fallback)]),
  );
}

function initialValue(field: Field, value: Json | undefined): RawValue {
  switch (field.kind) {
    case "boolean":
      return value === true;
    case "group":
      return initialValues(field.fields, isObject(value) ? value : {});
    case "json":
      return value === undefined ? "" : JSON.stringify(value);
    case "number":
      return typeof value === "number" ? String(shownNumber(field, value)) : "";
    default:
      return value === undefined || value === null ? "" : String(value);
  }
}

/** The schema's number, in the unit that the form shows. */
export const shownNumber = (
  { unit }: Field & { readonly kind: "number" },
  value: number,
): number => (unit === "s" ? value / 1000 : value);

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);
