import type { Json } from "@tandem/core/json";
import { type Arm, settingsOf } from "./arms";

export type Setting = {
  /** As `settingsOf` has it. */
  readonly path: string;
  /** Of each arm in turn, each value that its runs have; none: its strategy does not have it. */
  readonly values: readonly (readonly Json[])[];
};

/**
 * Settings in which the arms differ, those that only some strategies have and that are alike in these, and
 * those in which all are the same.
 */
export function compareSettings(
  arms: readonly Arm[],
): Readonly<Record<"differing" | "partial" | "equal", readonly Setting[]>> {
  const settings = arms.map(({ runs }) => runs.map(settingsOf));
  const paths = [...new Set(settings.flat().flatMap((one) => [...one.keys()]))];
  const all = paths.map((path) => {
    const values = settings.map((runs) => distinct(runs.flatMap((one) => one.get(path) ?? [])));
    const [told, there] = [values, values.filter(({ length }) => length > 0)].map(
      (some) => new Set(some.map((value) => JSON.stringify(value))).size,
    );
    const kind = told === 1 ? "equal" : there === 1 ? "partial" : "differing";
    return { path, values, kind } as const;
  });
  const of = (kind: (typeof all)[number]["kind"]) => all.filter((one) => one.kind === kind);
  return { differing: of("differing"), partial: of("partial"), equal: of("equal") };
}

const distinct = (values: readonly Json[]): readonly Json[] => [
  ...new Map(values.map((value) => [JSON.stringify(value), value])).values(),
];
