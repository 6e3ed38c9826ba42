"use client";

import { rolesOf } from "@tandem/intake/arrange";
import { chooseColumns } from "@tandem/intake/changes";
import { type ColumnRole, columnRoles, type Intake, type Table } from "@tandem/intake/intake";
import { useId } from "react";
import type { Change } from "../../lib/own-data/collection";
import { text } from "../../text/own-data";
import { selectLook } from "./class-select";

const words = text.columns;

/** Which columns of the tables count. */
export function TableColumns({
  intake,
  onChange,
}: {
  readonly intake: Intake;
  readonly onChange: Change;
}) {
  const { reading, choices } = intake;
  return reading.tables.map((table) => (
    <section key={table.path} aria-label={words.label(table.path)}>
      <h3 className="text-sm font-semibold break-words">
        {table.path}{" "}
        <span className="font-normal text-ink-soft">{words.rows(table.rows.length)}</span>
      </h3>
      <div className="mt-2 grid gap-3 sm:grid-cols-3">
        {columnRoles.map((role) => (
          <Column
            key={role}
            role={role}
            table={table}
            value={rolesOf(table, choices, reading.task)[role]}
            onChoose={(column) =>
              onChange((now) => {
                const { [role]: _, ...others } = now.choices.roles.get(table.path) ?? table.guesses;
                const roles = column === undefined ? others : { ...others, [role]: column };
                return chooseColumns(now, table.path, roles);
              })
            }
          />
        ))}
      </div>
    </section>
  ));
}

function Column({
  role,
  table,
  value,
  onChoose,
}: {
  readonly role: ColumnRole;
  readonly table: Table;
  readonly value: number | undefined;
  readonly onChoose: (column: number | undefined) => void;
}) {
  const id = useId();
  return (
    <div className="flex min-w-0 flex-col gap-1">
      <label htmlFor={id} className="text-xs text-ink-soft">
        {words.roles[role]}
      </label>
      <select
        id={id}
        value={value ?? ""}
        onChange={({ target }) => onChoose(target.value === "" ? undefined : Number(target.value))}
        className={selectLook}
      >
        <option value="">{words.none}</option>
        {table.columns.map((name, i) => (
          <option key={i} value={i}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}
