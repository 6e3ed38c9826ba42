"use client";

import { formatMinute } from "@tandem/core/format";
import type { ExperimentView } from "@tandem/protocol/view";
import { request } from "../../lib/request";
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
        Addresses kept out
      </h3>
      <p className="mt-1 mb-4 max-w-prose text-sm text-ink-soft">
        Newcomers from the network address of somebody who was removed. Whoever was removed stays
        out.
      </p>
      <Rows
        label="Addresses kept out"
        of={{ type: "ready", value: keptOut, fresh: true }}
        none="None."
      >
        {({ id: one, name = "somebody removed", at }) => (
          <>
            <Named name={`The address of ${name}`} text={`Since ${formatMinute(at)}`} />
            <For who="researcher">
              <Button
                disabled={busy}
                aria-label={`Let newcomers from the address of ${name} in again`}
                onClick={() =>
                  attempt(() =>
                    request(`/api/experiments/${id}/kept-out/${one}`, { method: "DELETE" }),
                  )
                }
              >
                Let in again
              </Button>
            </For>
          </>
        )}
      </Rows>
    </section>
  );
}
