"use client";

import { formatMinute } from "@tandem/core/format";
import type { ExperimentView } from "@tandem/protocol/view";
import { request } from "../../lib/request";
import { text } from "../../text/experiment";
import { Named, Rows } from "../account/rows";
import { useAttempt } from "../account/use-attempt";
import { For } from "../account/visitor";
import { Button } from "../ui/button";

/** Addresses whose newcomers are kept out, to be let in again; nothing where there are none. */
export function KeptOut({ view: { id, keptOut } }: { readonly view: ExperimentView }) {
  const { busy, attempt } = useAttempt();
  if (keptOut.length === 0) return null;
  return (
    <section aria-labelledby="kept-out" className="mt-6 border-t border-line pt-5">
      <h3 id="kept-out" className="text-sm font-semibold">
        {text.keptOut.title}
      </h3>
      <p className="mt-1 mb-4 max-w-prose text-sm text-ink-soft">{text.keptOut.text}</p>
      <Rows
        label={text.keptOut.title}
        of={{ type: "ready", value: keptOut, fresh: true }}
        none={text.keptOut.none}
      >
        {({ id: one, name = text.keptOut.somebody, at }) => (
          <>
            <Named name={text.keptOut.address(name)} text={text.keptOut.since(formatMinute(at))} />
            <For who="researcher">
              <Button
                disabled={busy}
                aria-label={text.keptOut.letInName(name)}
                onClick={() =>
                  attempt(() =>
                    request(`/api/experiments/${id}/kept-out/${one}`, { method: "DELETE" }),
                  )
                }
              >
                {text.keptOut.letIn}
              </Button>
            </For>
          </>
        )}
      </Rows>
    </section>
  );
}
