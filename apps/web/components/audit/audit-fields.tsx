"use client";

import { auditActions } from "@tandem/protocol/audit-actions";
import type { FormEvent } from "react";
import { text } from "../../text/audit";
import { inputLook } from "../form/field-input";
import { Button } from "../ui/button";
import { Labelled } from "../ui/labelled";

export type Wanted = Readonly<Record<string, string>>;

/** Which entries of the audit log to show: all of them where every field is empty. */
export function AuditFields({ onChange }: { readonly onChange: (wanted: Wanted) => void }) {
  const filter = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = [...new FormData(event.currentTarget)].map(
      ([name, value]) => [name, String(value).trim()] as const,
    );
    onChange(Object.fromEntries(given.filter(([, value]) => value !== "")));
  };
  return (
    <form
      onSubmit={filter}
      aria-label={text.filter.title}
      className="mb-6 grid grid-cols-2 items-end gap-3 sm:grid-cols-3 lg:grid-cols-[1fr_1fr_1fr_auto_auto_auto]"
    >
      <Labelled label={text.filter.who}>
        {(id) => <input id={id} name="who" maxLength={100} className={`${inputLook} h-10`} />}
      </Labelled>
      <Labelled label={text.filter.action}>
        {(id) => (
          <select id={id} name="action" className={`${inputLook} h-10`}>
            <option value="">{text.filter.any}</option>
            {auditActions.map((action) => (
              <option key={action}>{action}</option>
            ))}
          </select>
        )}
      </Labelled>
      <Labelled label={text.filter.id}>
        {(id) => <input id={id} name="thing" maxLength={100} className={`${inputLook} h-10`} />}
      </Labelled>
      <Labelled label={text.filter.from}>
        {(id) => <input id={id} name="from" type="date" className={`${inputLook} h-10`} />}
      </Labelled>
      <Labelled label={text.filter.to}>
        {(id) => <input id={id} name="to" type="date" className={`${inputLook} h-10`} />}
      </Labelled>
      <Button type="submit" tone="primary">
        {text.filter.title}
      </Button>
    </form>
  );
}
