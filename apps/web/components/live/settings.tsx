import type { ExperimentConfig } from "@tandem/core/experiment";
import { formatDay, formatDuration, formatWholePercent, plural } from "@tandem/core/format";
import type { Json } from "@tandem/core/json";
import type { RetentionView } from "@tandem/protocol/view";
import { type Field, titleOf } from "../../lib/form/schema-fields";
import { Panel } from "../ui/panel";

type Props = {
  readonly config: ExperimentConfig;
  /** Of the strategy's configuration: the names that the form shows. */
  readonly fields: readonly Field[];
  /** Participants bring data of their own. */
  readonly isOwn: boolean;
  /** Of participants' data. */
  readonly retention: RetentionView;
};

/** The configuration, so that nobody has to remember it. */
export function Settings({ config, fields, isOwn, retention }: Props) {
  const { minClients, quorum, deadlineMs, participation, sampling, strategyConfig } = config;
  const { mostSamples, missingClients, missingSamples, lateCaptions, task, benchmark, admission } =
    config;
  const own = Object.entries(strategyConfig);
  const title = (name: string) => fields.find((f) => f.name === name)?.title ?? titleOf(name);
  return (
    <Panel title="Settings">
      <dl className="text-sm">
        <Row name={isOwn ? "Participants at most" : "Places"} value={String(config.slots)} />
        {admission !== "open" && <Row name="Who may join" value={admission} />}
        {isOwn && <Row name="Samples that count, of each" value={`${mostSamples} at most`} />}
        {missingClients > 0 && (
          <Row name="Clients without one kind" value={formatWholePercent(missingClients)} />
        )}
        {missingSamples > 0 && (
          <Row name="Samples without one kind" value={formatWholePercent(missingSamples)} />
        )}
        {lateCaptions > 0 && <Row name="Captions from round" value={String(lateCaptions)} />}
        {task !== "classification" && <Row name="Task of pairs" value={task} />}
        {benchmark !== "test" && <Row name="Accuracy measured on" value={benchmark} />}
        <Row name="Clients to start" value={String(minClients)} />
        {participation < 1 && (
          <Row name="Participation" value={`${formatWholePercent(participation)}, ${sampling}`} />
        )}
        <Row name="Quorum" value={`${formatWholePercent(quorum)} of the cohort`} />
        <Row name="Deadline" value={formatDuration(deadlineMs)} />
        <Row name="Seed" value={String(config.seed)} />
        <Row {...retentionRow(config, retention)} />
      </dl>
      {own.length > 0 && (
        <details className="mt-3 text-sm">
          <summary className="cursor-pointer py-1 text-ink-soft hover:text-ink">
            {own.length} settings of the strategy
          </summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards must be able to scroll it */}
          <div className="mt-2 max-h-72 overflow-y-auto pr-2" tabIndex={0}>
            <dl>
              {own.map(([name, value]) => (
                <Row key={name} name={title(name)} value={valueText(value)} />
              ))}
            </dl>
          </div>
        </details>
      )}
    </Panel>
  );
}

function retentionRow(
  { retentionDays }: Pick<ExperimentConfig, "retentionDays">,
  { dueAt, erasedAt }: RetentionView,
) {
  const day = erasedAt ?? dueAt;
  if (day !== undefined) return { name: "Participants’ data erased on", value: formatDay(day) };
  const days = plural(retentionDays, "day");
  return {
    name: "Participants’ data kept",
    value: retentionDays === 0 ? "until deleted" : `${days} after the end`,
  };
}

const valueText = (value: Json): string => {
  if (typeof value === "boolean") return value ? "On" : "Off";
  return typeof value === "string" ? value : JSON.stringify(value);
};

function Row({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div className="flex justify-between gap-4 border-b border-line py-1.5 last:border-0">
      <dt className="text-ink-soft">{name}</dt>
      <dd className="min-w-0 text-right tabular-nums break-words">{value}</dd>
    </div>
  );
}
