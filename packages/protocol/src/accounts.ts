import * as z from "zod/mini";
import { parsedBy } from "./parsed-by";
import { storable, text } from "./text";

/** Of a new password, in characters. */
export const [leastPassword, mostPassword] = [10, 128] as const;

const name = z.string().check(z.trim(), z.minLength(1), z.maxLength(60), storable);
const email = z
  .string()
  .check(z.trim(), z.toLowerCase(), z.maxLength(200), z.email("must be an e-mail address"));
const password = text(mostPassword);
const newPassword = password.check(
  z.minLength(leastPassword, `must have ${leastPassword} characters or more`),
);
const token = z.string().check(z.regex(/^[\w-]{16,128}$/, "is not whole: copy the link again"));
const role = z.enum(["viewer", "researcher", "owner"]);

export const signIn = z.strictObject({ email, password });
export const link = z.strictObject({ token });
export const newAccount = z.strictObject({ token, name, email, password: newPassword });
export const passwordOfLink = z.strictObject({ token, password: newPassword });
export const newLink = z.strictObject({ role, maySpend: z._default(z.boolean(), false) });
export const accountChange = z.strictObject({
  role: z.exactOptional(role),
  maySpend: z.exactOptional(z.boolean()),
});
export const passwordChange = z.strictObject({ current: password, next: newPassword });
export const named = z.strictObject({ name });
export const passkeyAnswer = z.strictObject({
  response: z.record(z.string(), z.json()),
  name: z.exactOptional(name),
});
export const perDay = z.strictObject({
  perDay: z.int().check(z.minimum(0), z.maximum(1_000_000)),
});

/** Bodies of the routes for accounts; each throws `bad-config` naming the first field that is wrong. */
export const parseSignIn = (input: unknown) => parsedBy(signIn, input);
export const parseLink = (input: unknown) => parsedBy(link, input);
export const parseNewAccount = (input: unknown) => parsedBy(newAccount, input);
export const parseNewPassword = (input: unknown) => parsedBy(passwordOfLink, input);
export const parseNewLink = (input: unknown) => parsedBy(newLink, input);
export const parseAccountChange = (input: unknown) => parsedBy(accountChange, input);
export const parsePasswordChange = (input: unknown) => parsedBy(passwordChange, input);
export const parseNamed = (input: unknown) => parsedBy(named, input);
export const parsePasskeyAnswer = (input: unknown) => parsedBy(passkeyAnswer, input);
export const parsePerDay = (input: unknown) => parsedBy(perDay, input);
