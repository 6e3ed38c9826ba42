import * as z from "zod/mini";

/** The schema, with what forms show of it. */
export function described<T extends z.ZodMiniType>(
  schema: T,
  title: string,
  description: string,
): T {
  z.globalRegistry.add(schema, { title, description });
  return schema;
}
