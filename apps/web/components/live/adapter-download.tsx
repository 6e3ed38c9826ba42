"use client";

import { formatBytes } from "@tandem/core/format";
import type { AdapterView, ExperimentView } from "@tandem/protocol/view";
import { Download } from "lucide-react";
import { useId, useState } from "react";
import { basePath } from "../../lib/base-path";
import { useResource } from "../../lib/use-resource";
import { text } from "../../text/experiment";
import { Button } from "../ui/button";
import { Panel } from "../ui/panel";
import { RoundScrubber } from "./round-scrubber";

/** What the rounds have taught the teacher, to take away. Its height changes for a problem alone. */
export function AdapterDownload({ view }: { readonly view: ExperimentView }) {
  const ended = view.rounds.flatMap(({ round, endedAt }) => (endedAt === undefined ? [] : [round]));
  return (
    <Panel title={text.adapter.title} description={text.adapter.text}>
      <div className="min-h-24 text-sm text-ink-soft">
        {ended.length === 0 ? (
          <p>{text.adapter.later}</p>
        ) : (
          <Rounds path={`/api/experiments/${view.id}`} rounds={ended} />
        )}
      </div>
    </Panel>
  );
}

/** Looks for the one of the round that is picked, of as many as there may be. */
function Rounds({ path, rounds }: { readonly path: string; readonly rounds: readonly number[] }) {
  const [picked, setPicked] = useState<number>();
  const round = picked ?? rounds[rounds.length - 1];
  const found = useResource<readonly AdapterView[]>(`${path}/adapters?round=${round}`);
  return (
    <>
      <RoundScrubber
        label={text.adapter.round}
        rounds={rounds}
        value={round}
        onChange={setPicked}
      />
      <div className="mt-3">
        {found.type === "loading" && <p role="status">{text.adapter.looking}</p>}
        {found.type === "failed" && (
          <div role="alert">
            <p className="mb-3 text-bad">{found.message}</p>
            <Button onClick={found.retry}>{text.tryAgain}</Button>
          </div>
        )}
        {found.type === "ready" && <Found path={path} round={round} shown={found.value[0]} />}
      </div>
    </>
  );
}

function Found({
  path,
  round,
  shown,
}: {
  readonly path: string;
  readonly round: number;
  readonly shown: AdapterView | undefined;
}) {
  const size = useId();
  if (!shown) return <p>{text.adapter.none(round)}</p>;
  if (!("bytes" in shown))
    return (
      <p role="alert" className="text-bad break-words">
        {shown.problem}
      </p>
    );
  return (
    <div className="flex flex-wrap items-center justify-between gap-3">
      <Button asChild>
        <a
          href={`${basePath}${path}/adapter.zip?round=${shown.round}`}
          download
          aria-describedby={size}
        >
          <Download aria-hidden="true" />
          <span>
            {text.adapter.download}
            <span className="sr-only">{text.adapter.ofRound(shown.round)}</span>
          </span>
        </a>
      </Button>
      <p id={size} className="figures text-xs text-ink-faint">
        {text.adapter.size(formatBytes(shown.bytes))}
      </p>
    </div>
  );
}
