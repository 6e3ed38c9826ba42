import { TandemError } from "@tandem/core/errors";

/** One field of a diffusers config: its default, and the values that are understood. */
export type Field<T> = {
  readonly fallback: T;
  readonly accepts: (value: unknown) => boolean;
  readonly wanted: string;
  /** What a value that is understood is taken for; undefined for one that stands as it is. */
  readonly nearest?: (value: unknown) => T | undefined;
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

/** The same field, with values that are taken for the nearest one here, as diffusers does. */
export const withNearest = <T>(
  field: Field<T>,
  nearest: Readonly<Record<string, NoInfer<T>>>,
): Field<T> => {
  const known = new Map<unknown, T>(Object.entries(nearest));
  return { ...field, nearest: (value) => known.get(value) };
};

/** The same field; whole numbers above `max` are taken for it. */
export const clampedTo = (max: number, field: Field<number>): Field<number> => ({
  ...field,
  nearest: (value) => (Number.isSafeInteger(value) && Number(value) > max ? max : undefined),
});

/** A field that diffusers knows and we support with one value only. */
export const only = <const T extends boolean | string | null>(value: T): Field<T> => ({
  fallback: value,
  accepts: (found) => found === value,
  wanted: String(value),
});

/**
 * The fields of one class, with diffusers' defaults for those that are absent or null. Fields in
 * `foreign` belong to other classes: published configs carry them along, and they are left aside.
 * Notices name fields that no class has, and values that were taken for others. Throws
 * `not-supported` for a value that the class does not support here.
 */
export function readFields<F extends Fields>(
  className: string,
  config: Readonly<Record<string, unknown>>,
  { fields, foreign }: { readonly fields: F; readonly foreign: ReadonlySet<string> },
): { readonly values: ValuesOf<F>; readonly notices: readonly string[] } {
  const notices: string[] = [];
  const shown = (name: string) => `${name} = ${JSON.stringify(config[name])}`;
  const unknown = Object.keys(config).filter(
    (name) => !name.startsWith("_") && !Object.hasOwn(fields, name) && !foreign.has(name),
  );
  if (unknown.length > 0)
    notices.push(`${className} knows no ${unknown.map(shown).join(", ")}: left aside`);
  const values = Object.entries(fields).map(([name, field]) => {
    const given = Object.hasOwn(config, name) ? (config[name] ?? field.fallback) : field.fallback;
    const value = field.nearest?.(given) ?? given;
    if (value !== given)
      notices.push(`${className}: ${shown(name)} is taken for ${JSON.stringify(value)}`);
    if (field.accepts(value)) return [name, value] as const;
    throw new TandemError(
      "not-supported",
      `${className}: ${shown(name)} is not supported, use ${field.wanted}`,
    );
  });
  // each value has passed its own field's check
  return { values: Object.fromEntries(values) as ValuesOf<F>, notices };
}
