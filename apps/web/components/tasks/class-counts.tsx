type Props = { readonly classes: readonly string[]; readonly counts: readonly number[] };

/** How many samples each class has, as bars of one length scale. */
export function ClassCounts({ classes, counts }: Props) {
  const most = Math.max(1, ...counts);
  return (
    <dl className="grid grid-cols-[minmax(0,max-content)_minmax(4rem,1fr)_auto] items-center gap-x-3 gap-y-1.5 text-sm">
      {classes.map((name, i) => (
        <div key={name} className="contents">
          <dt className="max-w-40 truncate">{name}</dt>
          <dd aria-hidden="true" className="h-1.5 overflow-hidden rounded-full bg-sunken">
            <div
              className="h-full rounded-full bg-teacher"
              style={{ width: `${(counts[i] / most) * 100}%` }}
            />
          </dd>
          <dd className={`figures text-right ${counts[i] === 0 ? "text-bad" : "text-ink-soft"}`}>
            {counts[i]}
          </dd>
        </div>
      ))}
    </dl>
  );
}
