"use client";

import { formatBytes } from "@tandem/core/format";
import type { AdapterView, ExperimentView } from "@tandem/protocol/view";
import { Download } from "lucide-react";
import { useId, useState } from "react";
import { basePath } from "../../lib/base-path";
import { useResource } from "../../lib/use-resource";
import { Button } from "../ui/button";
import { Panel } from "../ui/panel";

/** What the rounds have taught the teacher, to take away. Its height changes for a problem alone. */
export function AdapterDownload({ view }: { readonly view: ExperimentView }) {
  const ended = view.rounds.filter(({ endedAt }) => endedAt !== undefined).length;
  const path = `/api/experiments/${view.id}`;
  return (
    <Panel
      title="Teacher's adapter"
      description="What a round has taught it, as a LoRA for diffusers and PEFT."
    >
      <div className="min-h-16 text-sm text-ink-soft">
        {ended === 0 ? (
          <p>The first one can be downloaded when a round has ended.</p>
        ) : (
          <Rounds path={path} list={`${path}/adapters?ended=${ended}`} />
        )}
      </div>
    </Panel>
  );
}

function Rounds({ path, list }: { readonly path: string; readonly list: string }) {
  const resource = useResource<readonly AdapterView[]>(list);
  const [picked, setPicked] = useState<number>();
  const size = useId();
  if (resource.type === "loading") return <p role="status">Looking for adapters…</p>;
  if (resource.type === "failed")
    return (
      <div role="alert">
        <p className="mb-3 text-bad">{resource.message}</p>
        <Button onClick={resource.retry}>Try again</Button>
      </div>
    );
  const adapters = resource.value;
  const shown = adapters.find((a) => a.round === picked) ?? adapters.at(-1);
  if (!shown) return <p>None yet: no round has taught the teacher anything.</p>;
  const { round } = shown;
  return (
    <>
      <div className="flex items-center justify-between gap-3">
        <label className="flex items-center gap-2">
          Round
          <select
            value={round}
            onChange={(event) => setPicked(Number(event.target.value))}
            className="figures h-10 rounded-lg border border-line-strong bg-surface px-2 text-ink"
          >
            {adapters.map((a) => (
              <option key={a.round}>{a.round}</option>
            ))}
          </select>
        </label>
        {"bytes" in shown && (
          <Button asChild>
            <a
              href={`${basePath}${path}/adapter.zip?round=${round}`}
              download
              aria-describedby={size}
            >
              <Download aria-hidden="true" />
              <span>
                Download adapter<span className="sr-only"> of round {round}</span>
              </span>
            </a>
          </Button>
        )}
      </div>
      {"bytes" in shown ? (
        <p id={size} className="mt-2 text-right text-xs text-ink-faint">
          Zip file, <span className="figures">{formatBytes(shown.bytes)}</span>
        </p>
      ) : (
        <p role="alert" className="mt-2 text-bad break-words">
          {shown.problem}
        </p>
      )}
    </>
  );
}
