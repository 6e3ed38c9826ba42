import type { ExperimentConfig } from "@tandem/core/experiment";
import { formatDuration, formatWholePercent } from "../../lib/format";
import { titleOf } from "../../lib/schema-fields";
import { Panel } from "../ui/panel";

/** The configuration, so that nobody has to remember it. */
export function Settings({ config }: { readonly config: ExperimentConfig }) {
  const { minClients, quorum, deadlineMs, strategyConfig } = config;
  return (
    <Panel title="Settings">
      <dl className="text-sm">
        <Row name="Clients to start" value={String(minClients)} />
        <Row name="Quorum" value={formatWholePercent(quorum)} />
        <Row name="Deadline" value={formatDuration(deadlineMs)} />
      </dl>
      {Object.keys(strategyConfig).length > 0 && (
        <details className="mt-3 text-sm">
          <summary className="cursor-pointer text-ink-soft hover:text-ink">
            Strategy settings
          </summary>
          <dl className="mt-2 max-h-72 overflow-y-auto">
            {Object.entries(strategyConfig).map(([name, value]) => (
              <Row
                key={name}
                name={titleOf(name)}
                value={typeof value === "string" ? value : JSON.stringify(value)}
              />
            ))}
          </dl>
        </details>
      )}
    </Panel>
  );
}

function Row({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div className="flex justify-between gap-4 border-b border-line py-1.5 last:border-0">
      <dt className="text-ink-soft">{name}</dt>
      <dd className="figures min-w-0 text-right break-words">{value}</dd>
    </div>
  );
}
