import { leastPassword, mostPassword } from "@tandem/protocol/accounts";

/** Of an account form that sets a password. */
export const newPasswordField = {
  label: "New password",
  type: "password",
  autoComplete: "new-password",
  minLength: leastPassword,
  maxLength: mostPassword,
  hint: `${leastPassword} characters or more.`,
} as const;
