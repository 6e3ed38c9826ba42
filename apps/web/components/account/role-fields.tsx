import type { AccountRole } from "@tandem/protocol/view";
import { text } from "../../text/account";
import { inputLook } from "../form/field-input";

const roles: readonly AccountRole[] = ["viewer", "researcher", "owner"];

/** A role, and for researchers whether they may spend. */
export function RoleFields({
  of,
  role,
  maySpend,
  disabled,
  onChange,
}: {
  /** Whose. */
  readonly of: string;
  readonly role: AccountRole;
  readonly maySpend: boolean;
  readonly disabled: boolean;
  readonly onChange: (change: { role?: AccountRole; maySpend?: boolean }) => void;
}) {
  return (
    <>
      {role === "researcher" && (
        <label className="flex items-center gap-2 text-sm">
          <input
            type="checkbox"
            checked={maySpend}
            disabled={disabled}
            aria-label={text.list.spendsOf(of)}
            onChange={({ target }) => onChange({ maySpend: target.checked })}
            className="size-4 accent-clients"
          />
          {text.list.maySpend}
        </label>
      )}
      <select
        aria-label={text.list.roleOf(of)}
        value={role}
        disabled={disabled}
        onChange={({ target }) => onChange({ role: target.value as AccountRole })} // one of the options
        className={`${inputLook} h-10 w-36!`}
      >
        {roles.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </>
  );
}
