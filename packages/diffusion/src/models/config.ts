import { TandemError } from "@tandem/core/errors";

export type Json = Readonly<Record<string, unknown>>;

/** Reads a component's `config.json`; every refusal names the field and its value. */
export function readConfig(component: string, json: Json) {
  const seen = new Set<string>();
  const refuse = (field: string, supported: string, value = json[field]) =>
    new TandemError(
      "not-supported",
      `${component} config: "${field}" is ${JSON.stringify(value)}; supported: ${supported}`,
    );
  /** The field, or the fallback where it is absent or null. */
  const read = <T>(
    field: string,
    is: (value: unknown) => value is T,
    supported: string,
    fallback?: T,
  ) => {
    seen.add(field);
    const value = json[field] ?? fallback;
    if (!is(value)) throw refuse(field, supported);
    return value;
  };
  const isNumber = (value: unknown): value is number => Number.isFinite(value);
  const isNatural = (value: unknown): value is number =>
    Number.isSafeInteger(value) && Number(value) > 0;
  const isNaturals = (value: unknown): value is readonly number[] =>
    Array.isArray(value) && value.length > 0 && value.every(isNatural);

  return {
    real: (field: string, fallback?: number) => read(field, isNumber, "a number", fallback),
    natural: (field: string, fallback?: number) =>
      read(field, isNatural, "a natural number", fallback),
    naturals: (field: string) => read(field, isNaturals, "a list of natural numbers"),
    flag: (field: string, fallback: boolean) =>
      read(field, (value) => typeof value === "boolean", "true or false", fallback),
    /** One of a closed set; the first is the fallback. */
    one: <const T>(field: string, choices: readonly T[]) =>
      read(
        field,
        (value): value is T => choices.includes(value as T),
        choices.map((choice) => JSON.stringify(choice)).join(", "),
        choices[0],
      ),
    list: <const T>(field: string, choices: readonly T[]) =>
      read(
        field,
        (value): value is readonly T[] =>
          Array.isArray(value) && value.every((v) => choices.includes(v)),
        `a list of ${choices.join(", ")}`,
      ),
    /** One number for all blocks, or a list with one for each. */
    perBlock(field: string, blocks: number, fallback?: number): readonly number[] {
      if (!Array.isArray(json[field]))
        return new Array<number>(blocks).fill(this.natural(field, fallback));
      const values = this.naturals(field);
      if (values.length !== blocks) throw refuse(field, `one number, or ${blocks} of them`);
      return values;
    },
    /** Refuses the field's `value` where it does not divide each of the widths that `named` holds. */
    divides(field: string, value: number, widths: readonly number[], named: string) {
      if (widths.some((width) => width % value !== 0))
        throw refuse(field, `a divisor of ${named} ${widths.join(", ")}`, value);
    },
    /** Fields that change nothing in the graph. */
    inert(...fields: readonly string[]) {
      for (const field of fields) seen.add(field);
    },
    /** Any other field must be off: null, false, absent, or private (`_class_name`). */
    finish() {
      for (const [field, value] of Object.entries(json))
        if (!seen.has(field) && !field.startsWith("_") && value !== null && value !== false)
          throw refuse(field, "null or false");
    },
  };
}
