import { formatDuration } from "@tandem/core/format";
import type { Json } from "@tandem/core/json";
import type { ReactNode } from "react";
import type { Drawn } from "../../lib/compare/drawn";
import { compareSettings, type Setting } from "../../lib/compare/settings";
import { titleOf } from "../../lib/form/schema-fields";
import { text } from "../../text/compare";
import { Panel } from "../ui/panel";

const words = text.settings;

/** What settings and their values are called, where it is not as they are written. */
export type Names = {
  readonly settings: Readonly<Record<string, string>>;
  readonly strategies: Readonly<Record<string, string>>;
  readonly tasks: Readonly<Record<string, string>>;
};

type Props = { readonly drawn: readonly Drawn[]; readonly names: Names };

/** Where the arms were set otherwise; what is the same in all is folded away. */
export function SettingsPanel({ drawn, names }: Props) {
  const { differing, partial, equal } = compareSettings(drawn.map(({ arm }) => arm));
  const isSeedAlone = drawn.some(({ arm }) => arm.runs.length > 1);
  return (
    <Panel title={words.title}>
      {differing.length === 0 ? (
        <p className="text-sm text-ink-soft">{isSeedAlone ? words.none : words.noneAtAll}</p>
      ) : (
        <SettingsTable drawn={drawn} settings={differing} names={names} label={words.table} />
      )}
      {partial.length > 0 && (
        <Folded title={words.partial(partial.length)}>
          <SettingsTable
            drawn={drawn}
            settings={partial}
            names={names}
            label={words.partial(partial.length)}
          />
        </Folded>
      )}
      {equal.length > 0 && (
        <Folded title={words.equal(equal.length)}>
          <dl className="columns-1 gap-x-10 md:columns-2">
            {equal.map((setting) => (
              <div
                key={setting.path}
                className="flex break-inside-avoid justify-between gap-4 border-b border-line py-1.5"
              >
                <dt className="text-ink-soft">{nameOf(setting.path, names)}</dt>
                <dd className="min-w-0 text-right tabular-nums break-words">
                  {valuesText(setting, setting.values[0], names)}
                </dd>
              </div>
            ))}
          </dl>
        </Folded>
      )}
    </Panel>
  );
}

const Folded = ({ title, children }: { readonly title: string; readonly children: ReactNode }) => (
  <details className="mt-3 text-sm">
    <summary className="cursor-pointer py-1 text-ink-soft hover:text-ink">{title}</summary>
    <div className="mt-2">{children}</div>
  </details>
);

/** A row a setting, a column an arm. */
function SettingsTable({
  drawn,
  settings,
  names,
  label,
}: Props & { readonly settings: readonly Setting[]; readonly label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: keyboards must be able to scroll it
    <section aria-label={label} tabIndex={0} className="overflow-x-auto">
      <table className="w-full text-left text-sm">
        <caption className="sr-only">{label}</caption>
        <thead>
          <tr className="border-b border-line align-bottom text-xs text-ink-soft">
            <th scope="col" className="py-2 font-normal">
              {words.setting}
            </th>
            {drawn.map(({ arm, number }) => (
              <th
                key={arm.id}
                scope="col"
                className="max-w-48 py-2 pl-4 text-right font-normal break-words"
              >
                {number} {arm.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {settings.map((setting) => (
            <tr key={setting.path} className="border-b border-line last:border-0">
              <th scope="row" className="min-w-36 py-2 font-normal">
                {nameOf(setting.path, names)}
              </th>
              {setting.values.map((values, i) => (
                <td
                  key={drawn[i].arm.id}
                  className="max-w-48 py-2 pl-4 text-right tabular-nums break-words"
                >
                  {valuesText(setting, values, names)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const nameOf = (path: string, { settings }: Names): string =>
  settings[path] ?? titleOf(path.replace(/^strategy\./, ""));

const valuesText = ({ path }: Setting, values: readonly Json[], names: Names): string =>
  values.length === 0
    ? words.absent
    : values.map((value) => valueText(path, value, names)).join(", ");

function valueText(path: string, value: Json, { strategies, tasks }: Names): string {
  if (typeof value === "boolean") return value ? words.on : words.off;
  if (typeof value === "number" && path.endsWith("Ms")) return formatDuration(value);
  if (typeof value !== "string") return JSON.stringify(value);
  if (path === "strategy") return strategies[value] ?? value;
  return path === "dataset" ? (tasks[value] ?? value) : value;
}
