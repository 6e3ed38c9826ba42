import type { ExperimentView } from "@tandem/protocol/view";
import { formatBytes, formatPercent } from "../../lib/format";
import { latestAccuracy } from "../../lib/series";

/** Where the experiment stands, in four numbers. */
export function StatStrip({ view }: { readonly view: ExperimentView }) {
  const { round, rounds, config, clients } = view;
  const accuracy = latestAccuracy(rounds);
  const prompt = rounds.findLast(({ metrics }) => "teacher/promptAccuracy" in metrics)?.metrics[
    "teacher/promptAccuracy"
  ];
  const sum = (side: "bytesUp" | "bytesDown") => rounds.reduce((total, r) => total + r[side], 0);
  const present = clients.filter((c) => c.status !== "away" && c.status !== "left").length;
  const stats = [
    { label: "Round", value: `${round}`, note: `of ${config.rounds}` },
    {
      label: "Client accuracy",
      value: accuracy === undefined ? "–" : formatPercent(accuracy),
      note: accuracy === undefined ? "not measured yet" : "mean on the public test",
    },
    {
      label: "Teacher follows prompts",
      value: prompt === undefined ? "–" : formatPercent(prompt),
      note: prompt === undefined ? "not measured yet" : "of its pictures",
    },
    {
      label: "Clients",
      value: `${present}`,
      note: `${formatBytes(sum("bytesUp"))} up, ${formatBytes(sum("bytesDown"))} down`,
    },
  ];
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-2xl border border-line bg-line lg:grid-cols-4">
      {stats.map(({ label, value, note }) => (
        <div key={label} className="bg-surface p-4 sm:px-6 sm:py-5">
          <dt className="text-sm text-ink-soft">{label}</dt>
          <dd className="mt-2">
            <span className="font-pixel text-2xl sm:text-3xl">{value}</span>
            <span className="mt-1 block text-xs text-ink-faint">{note}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}
