"use client";

import type { SpendingView } from "@tandem/protocol/view";
import { useId } from "react";
import { request } from "../../lib/request";
import { useResource } from "../../lib/use-resource";
import { text } from "../../text/account";
import { inputLook } from "../form/field-input";
import { Button } from "../ui/button";
import { Panel } from "../ui/panel";
import { Rows } from "./rows";
import { useAttempt } from "./use-attempt";
import { For } from "./visitor";

/** What teachers have cost today, and what a day may cost. */
export function SpendingPanel() {
  const spending = useResource<readonly SpendingView[]>("/api/spending");
  const rows =
    spending.type === "ready"
      ? { ...spending, value: spending.value.map((one) => ({ ...one, id: one.kind })) }
      : spending;
  return (
    <Panel title={text.budgets.title} description={text.budgets.description}>
      <Rows label={text.budgets.title} of={rows} none={text.budgets.none}>
        {(one) => (
          <>
            <Spent of={one} />
            <For who="owner">
              <Limit of={one} onChange={spending.retry} />
            </For>
          </>
        )}
      </Rows>
    </Panel>
  );
}

const Spent = ({ of: { title, spent, perDay } }: { readonly of: SpendingView }) => (
  <div className="min-w-0 flex-1 basis-56">
    <p className="flex flex-wrap justify-between gap-x-4 text-sm">
      <span className="font-medium">{title}</span>
      <span className="figures text-ink-soft">{text.budgets.spent(spent, perDay)}</span>
    </p>
    <div aria-hidden="true" className="mt-1.5 h-1 overflow-hidden rounded-full bg-sunken">
      <div
        className="h-full rounded-full bg-teacher"
        style={{ width: `${perDay > 0 ? Math.min(100, (100 * spent) / perDay) : 100}%` }}
      />
    </div>
  </div>
);

function Limit({ of, onChange }: { readonly of: SpendingView; readonly onChange: () => void }) {
  const id = useId();
  const { busy, attempt } = useAttempt();
  return (
    <form
      className="flex items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        const perDay = Number(new FormData(event.currentTarget).get("perDay"));
        attempt(async () => {
          await request(`/api/spending/${of.kind}`, {
            method: "PUT",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ perDay }),
          });
          onChange();
        });
      }}
    >
      <label htmlFor={id} className="sr-only">
        {text.budgets.perDay(of.title)}
      </label>
      <input
        id={id}
        name="perDay"
        type="number"
        min={0}
        max={1_000_000}
        required
        defaultValue={of.perDay}
        className={`${inputLook} h-10 w-24!`}
      />
      <Button type="submit" disabled={busy} aria-label={text.budgets.setPerDay(of.title)}>
        {text.budgets.set}
      </Button>
    </form>
  );
}
