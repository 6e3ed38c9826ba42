import { decimal } from "@tandem/core/decimal";
import { messageOf } from "@tandem/core/errors";
import type { Json, JsonObject } from "@tandem/core/json";
import { text } from "../../text/new-experiment";
import { type Field, type RawValue, type RawValues, shownNumber } from "./schema-fields";

const said = text.errors;

export type FieldError = { readonly path: string; readonly message: string };
export type Reading = { readonly value: JsonObject; readonly errors: readonly FieldError[] };

/** What a form holds, as the JSON that the schema describes. Empty fields take their default. */
export function readFields(fields: readonly Field[], raw: RawValues, prefix = ""): Reading {
  const errors: FieldError[] = [];
  const value: Record<string, Json> = {};
  for (const field of fields) {
    const path = `${prefix}${field.name}`;
    try {
      const read = readField(field, raw[field.name], `${path}.`, errors);
      if (read !== undefined) value[field.name] = read;
    } catch (error) {
      errors.push({ path, message: messageOf(error) });
    }
  }
  return { value, errors };
}

function readField(
  field: Field,
  raw: RawValue,
  prefix: string,
  errors: FieldError[],
): Json | undefined {
  if (field.kind === "boolean") return raw === true;
  if (field.kind === "group") {
    const inner = readFields(field.fields, typeof raw === "object" ? raw : {}, prefix);
    errors.push(...inner.errors);
    return inner.value;
  }
  const given = typeof raw === "string" ? raw.trim() : "";
  if (given === "") {
    if (field.fallback !== undefined) return undefined;
    throw new Error(field.name === "name" ? said.name : said.missing(field.title));
  }
  if (field.kind === "number") return readNumber(field, given);
  if (field.kind === "text") return readText(field, given);
  if (field.kind === "json") return readJson(given);
  const option = field.options.find((candidate) => String(candidate) === given);
  if (option === undefined) throw new Error(said.choose(field.options.join(", ")));
  return option;
}

function readNumber(field: Field & { readonly kind: "number" }, written: string): number {
  const whole = field.integer && field.unit === undefined;
  refuseAmbiguous(written, whole);
  const given = decimal(written.replace(",", ".")) ?? Number.NaN;
  // Rounded: 1.1 s is 1100 ms, not 1100.0000000000002.
  const value = field.unit === "s" ? Number((given * 1000).toPrecision(12)) : given;
  const say = (limit: number) => `${shownNumber(field, limit)}${field.unit === "s" ? " s" : ""}`;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = field.schema;
  if (!Number.isFinite(value)) throw new Error(said.notNumber(written));
  if (field.integer && !Number.isInteger(value))
    throw new Error(field.unit === "s" ? said.decimals : said.whole);
  if (minimum !== undefined && value < minimum) throw new Error(said.atLeast(say(minimum)));
  if (maximum !== undefined && value > maximum) throw new Error(said.atMost(say(maximum)));
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum)
    throw new Error(said.above(say(exclusiveMinimum)));
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum)
    throw new Error(said.below(say(exclusiveMaximum)));
  return value;
}

/**
 * "1,000" is a thousand to some and 1 to others; so is "1.000" where nothing has decimals. Groups have
 * two, three or four digits, by country; a comma after 0 or before a single digit stands for decimals.
 */
function refuseAmbiguous(given: string, whole: boolean): void {
  const isGrouped = /^[+-]?0*[1-9]\d*((,\d{2,})+|(\.\d{3,})+)(e[+-]?\d+)?$/i.test(given);
  if (!isGrouped || !(whole || given.includes(","))) return;
  const readings = [given.replace(/[,.]/, "."), given.replace(/[,.]/g, "")].flatMap(
    (reading) => decimal(reading) ?? [],
  );
  const [one, other] = readings.filter((value) => !whole || Number.isInteger(value));
  if (one === undefined) return; // above all numbers
  if (other === undefined) throw new Error(said.separators(one));
  throw new Error(said.ambiguous(given, one, other));
}

function readText(field: Field & { readonly kind: "text" }, given: string): string {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = field.schema;
  if (given.length < minLength) throw new Error(said.longer(minLength));
  if (given.length > maxLength) throw new Error(said.shorter(given.length - maxLength, maxLength));
  return given;
}

function readJson(given: string): Json {
  try {
    return JSON.parse(given) as Json;
  } catch {
    throw new Error(said.json);
  }
}
