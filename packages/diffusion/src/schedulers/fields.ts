import { TandemError } from "@tandem/core/errors";

/** One field of a diffusers config: its default, and the values that are understood. */
export type Field<T> = {
  readonly fallback: T;
  readonly accepts: (value: unknown) => boolean;
  readonly wanted: string;
};
export type Fields = Readonly<Record<string, Field<unknown>>>;
export type ValuesOf<F extends Fields> = {
  readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never;
};

export const number = (fallback: number, min: number, max: number): Field<number> => ({
  fallback,
  accepts: (value) => typeof value === "number" && value >= min && value <= max,
  wanted: `a number from ${min} to ${max}`,
});

export const integer = (fallback: number, min: number, max: number): Field<number> => ({
  fallback,
  accepts: (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
  wanted: `a whole number from ${min} to ${max}`,
});

export const flag = (fallback: boolean): Field<boolean> => ({
  fallback,
  accepts: (value) => typeof value === "boolean",
  wanted: "true or false",
});

export const choice = <const T extends string>(fallback: T, ...others: T[]): Field<T> => ({
  fallback,
  accepts: (value) => [fallback, ...others].includes(value as T),
  wanted: [fallback, ...others].join(", "),
});

/** A field that diffusers knows and we support with one value only. */
export const only = <const T extends boolean | string | null>(value: T): Field<T> => ({
  fallback: value,
  accepts: (found) => found === value,
  wanted: String(value),
});

/**
 * The fields of one class, with diffusers' defaults for those that are absent or null. Fields in
 * `ignored` belong to other classes: published configs carry them along, as diffusers does.
 */
export function readFields<F extends Fields>(
  className: string,
  config: Readonly<Record<string, unknown>>,
  { fields, ignored }: { readonly fields: F; readonly ignored: ReadonlySet<string> },
): ValuesOf<F> {
  const refuse = (name: string, wanted: string) =>
    new TandemError(
      "not-supported",
      `${className}: ${name} = ${JSON.stringify(config[name])} is not supported, use ${wanted}`,
    );
  for (const [name, value] of Object.entries(config)) {
    if (name.startsWith("_") || value === null || value === false) continue;
    if (!Object.hasOwn(fields, name) && !ignored.has(name)) throw refuse(name, "null");
  }
  const values = Object.entries(fields).map(([name, field]) => {
    const value = Object.hasOwn(config, name) ? (config[name] ?? field.fallback) : field.fallback;
    if (!field.accepts(value)) throw refuse(name, field.wanted);
    return [name, value] as const;
  });
  return Object.fromEntries(values) as ValuesOf<F>; // each value has passed its own field's check
}
