import type { AuditFilter } from "@tandem/core/audit";
import { dayMs } from "@tandem/core/duration";
import * as z from "zod/mini";
import { auditActions } from "./audit-actions";
import { parsedBy } from "./parsed-by";

const part = z.exactOptional(z.string().check(z.trim(), z.minLength(1), z.maxLength(100)));
const number = z.pipe(
  z.string().check(z.regex(/^\d{1,15}$/, "must be a number")),
  z.transform(Number),
);
const day = z.pipe(
  z.string().check(z.regex(/^\d{4}-\d\d-\d\d$/, "must be a day, such as 2027-01-31"), z.iso.date()),
  z.transform((text) => Date.parse(`${text}T00:00:00Z`)),
);
export const auditQuery = z.strictObject({
  who: part,
  action: z.exactOptional(z.enum(auditActions)),
  thing: part,
  /** Days, UTC, both inclusive. */
  from: z.exactOptional(day),
  to: z.exactOptional(day),
  before: z.exactOptional(number),
});

/** Query of the routes that read the audit log; throws `bad-config` naming the first field that is wrong. */
export function parseAuditQuery(input: unknown): AuditFilter {
  const { to, ...rest } = parsedBy(auditQuery, input);
  return { ...rest, ...(to !== undefined && { until: to + dayMs }) };
}
