import { decimal } from "@tandem/core/decimal";
import { messageOf } from "@tandem/core/errors";
import type { Json, JsonObject } from "@tandem/core/json";
import { type Field, type RawValue, type RawValues, shownNumber } from "./schema-fields";

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
  const text = typeof raw === "string" ? raw.trim() : "";
  if (text === "") {
    if (field.fallback !== undefined) return undefined;
    throw new Error(`Enter ${field.title.toLowerCase()}.`);
  }
  if (field.kind === "number") return readNumber(field, text);
  if (field.kind === "text") return readText(field, text);
  if (field.kind === "json") return readJson(text);
  const option = field.options.find((candidate) => String(candidate) === text);
  if (option === undefined) throw new Error(`Choose one of ${field.options.join(", ")}.`);
  return option;
}

function readNumber(field: Field & { readonly kind: "number" }, text: string): number {
  const whole = field.integer && field.unit === undefined;
  refuseAmbiguous(text, whole);
  const given = decimal(text.replace(",", ".")) ?? Number.NaN;
  // Rounded: 1.1 s is 1100 ms, not 1100.0000000000002.
  const value = field.unit === "s" ? Number((given * 1000).toPrecision(12)) : given;
  const say = (limit: number) => `${shownNumber(field, limit)}${field.unit === "s" ? " s" : ""}`;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = field.schema;
  if (!Number.isFinite(value)) throw new Error(`“${text}” is not a number.`);
  if (field.integer && !Number.isInteger(value))
    throw new Error(field.unit === "s" ? "Three decimals at most." : "Enter a whole number.");
  if (minimum !== undefined && value < minimum)
    throw new Error(`Must be at least ${say(minimum)}.`);
  if (maximum !== undefined && value > maximum) throw new Error(`Must be at most ${say(maximum)}.`);
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum)
    throw new Error(`Must be more than ${say(exclusiveMinimum)}.`);
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum)
    throw new Error(`Must be less than ${say(exclusiveMaximum)}.`);
  return value;
}

/**
 * "1,000" is a thousand to some and 1 to others; so is "1.000" where nothing has decimals. Groups have
 * two, three or four digits, by country; a comma after 0 or before a single digit stands for decimals.
 */
function refuseAmbiguous(text: string, whole: boolean): void {
  const isGrouped = /^[+-]?0*[1-9]\d*((,\d{2,})+|(\.\d{3,})+)(e[+-]?\d+)?$/i.test(text);
  if (!isGrouped || !(whole || text.includes(","))) return;
  const readings = [text.replace(/[,.]/, "."), text.replace(/[,.]/g, "")].flatMap(
    (reading) => decimal(reading) ?? [],
  );
  const [one, other] = readings.filter((value) => !whole || Number.isInteger(value));
  if (one === undefined) return; // above all numbers
  if (other === undefined) throw new Error(`Write ${one}, without separators.`);
  throw new Error(`“${text}” can be read in two ways: write ${one} or ${other}.`);
}

function readText(field: Field & { readonly kind: "text" }, text: string): string {
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = field.schema;
  if (text.length < minLength) throw new Error(`Enter at least ${minLength} characters.`);
  if (text.length > maxLength)
    throw new Error(`Shorten by ${text.length - maxLength} to at most ${maxLength} characters.`);
  return text;
}

function readJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new Error("Enter valid JSON, for example [1, 2] or null.");
  }
}
