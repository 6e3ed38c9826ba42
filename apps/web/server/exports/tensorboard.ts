import { grouped } from "@tandem/core/grouped";
import { canonical } from "./archive-format";
import { eventFile, type Point } from "./event-file";
import { type MetricRow, metricRows } from "./metric-rows";
import type { Run } from "./run";
import type { ZipFile } from "./zip-stream";

/**
 * A log directory: what is known of the rounds in `rounds`, with the settings as a text, and a run below
 * `clients` for each client. Steps are rounds, wall times their ends.
 */
export async function* tensorboardFiles(run: Run): AsyncGenerator<ZipFile> {
  const { config, createdAt } = run.record;
  const rows = metricRows(run);
  const name = `events.out.tfevents.${Math.floor(createdAt / 1000)}.tandem`;
  const settings = { tag: "settings/text_summary", value: markdown(config) };
  const whole = rows.filter(({ client }) => client === undefined);
  yield {
    path: `rounds/${name}`,
    bytes: eventFile({ startedAt: createdAt, text: settings, points: whole.map(pointOf) }),
  };
  const answers = rows.filter(({ client }) => client !== undefined);
  for (const [client, own] of grouped(answers, ({ client = "" }) => client))
    yield {
      path: `clients/${client}/${name}`,
      bytes: eventFile({ startedAt: createdAt, points: own.map(pointOf) }),
    };
}

const pointOf = ({ round, at, metrics }: MetricRow): Point => ({
  step: round,
  wallTime: at,
  scalars: Object.entries(metrics),
});

/** As TensorBoard draws a text: Markdown. */
const markdown = (config: Run["record"]["config"]): string =>
  `\`\`\`\n${JSON.stringify(JSON.parse(canonical(config)), null, 2)}\n\`\`\``;
