import type { ExperimentConfig } from "@tandem/core/experiment";
import { formatDay, formatDuration, formatWholePercent } from "@tandem/core/format";
import type { Json } from "@tandem/core/json";
import type { RetentionView } from "@tandem/protocol/view";
import { type Field, titleOf } from "../../lib/form/schema-fields";
import { text } from "../../text/experiment";
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

const words = text.settings;

/** The rest of the configuration, so that nobody has to remember it. */
export function Settings({ config, fields, isOwn, retention }: Props) {
  const { minClients, quorum, deadlineMs, participation, sampling, strategyConfig } = config;
  const { mostSamples, missingClients, missingSamples, lateCaptions, task, benchmark, admission } =
    config;
  const own = Object.entries(strategyConfig);
  const title = (name: string) => fields.find((f) => f.name === name)?.title ?? titleOf(name);
  return (
    <Panel title={words.title}>
      <dl className="text-sm">
        {admission !== "open" && <Row name={words.admission} value={admission} />}
        {isOwn && <Row name={words.counted} value={words.atMost(mostSamples)} />}
        {missingClients > 0 && (
          <Row name={words.missingClients} value={formatWholePercent(missingClients)} />
        )}
        {missingSamples > 0 && (
          <Row name={words.missingSamples} value={formatWholePercent(missingSamples)} />
        )}
        {lateCaptions > 0 && <Row name={words.lateCaptions} value={String(lateCaptions)} />}
        {task !== "classification" && <Row name={words.pairs} value={task} />}
        {benchmark !== "test" && <Row name={words.measured} value={benchmark} />}
        <Row name={words.minClients} value={String(minClients)} />
        {participation < 1 && (
          <Row
            name={words.participation}
            value={words.of(formatWholePercent(participation), sampling)}
          />
        )}
        <Row name={words.quorum} value={words.ofCohort(formatWholePercent(quorum))} />
        <Row name={words.deadline} value={formatDuration(deadlineMs)} />
        <Row {...retentionRow(config, retention)} />
      </dl>
      {own.length > 0 && (
        <details className="mt-3 text-sm">
          <summary className="cursor-pointer py-1 text-ink-soft hover:text-ink">
            {words.ofStrategy(own.length)}
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
  if (day !== undefined) return { name: words.erased, value: formatDay(day) };
  return { name: words.kept, value: words.keptFor(retentionDays) };
}

const valueText = (value: Json): string => {
  if (typeof value === "boolean") return value ? words.on : words.off;
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
