import { text } from "../../text/experiments";

const width = 96;
const height = 28;

/** Values 0-1 over rounds; the label says first and last for those who cannot see the line. */
export function Sparkline({ values }: { readonly values: readonly number[] }) {
  const first = values.at(0);
  const last = values.at(-1);
  if (first === undefined || last === undefined) return null;
  const low = Math.min(...values);
  const span = Math.max(0.02, Math.max(...values) - low);
  const x = (i: number) => 3 + (i / Math.max(1, values.length - 1)) * (width - 6);
  const y = (value: number) => height - 4 - ((value - low) / span) * (height - 8);
  const points = values.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`);
  return (
    <svg
      role="img"
      aria-label={text.curve(first, last)}
      viewBox={`0 0 ${width} ${height}`}
      className="h-7 w-24 text-clients"
    >
      <polyline
        points={points.join(" ")}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.5"
        strokeLinejoin="round"
      />
      <circle cx={x(values.length - 1)} cy={y(last)} r="2.5" fill="currentColor" />
    </svg>
  );
}
