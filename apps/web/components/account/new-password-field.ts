import { leastPassword, mostPassword } from "@tandem/protocol/accounts";
import { text } from "../../text/account";

/** Of an account form that sets a password. */
export const newPasswordField = {
  label: text.newPassword.label,
  type: "password",
  autoComplete: "new-password",
  minLength: leastPassword,
  maxLength: mostPassword,
  hint: text.newPassword.hint(leastPassword),
} as const;
