import type { Sample } from "@tandem/evaluation/statistics";

export type Line = {
  readonly name: string;
  /** By round, the first being round 1; undefined where nothing was measured. */
  readonly points: readonly (Sample | undefined)[];
  readonly isBaseline: boolean;
};

const margin = { top: 34, bottom: 44, left: 52 };
const right = 560;
const row = 16;

/** Shares by round as an SVG for light and dark pages, with bands of mean ± std where seeds repeat. */
export function plot(options: {
  readonly title: string;
  readonly axis: string;
  /** What the points stand for. */
  readonly across?: string;
  readonly lines: readonly Line[];
}): string {
  const { title, axis, across = "round", lines } = options;
  const height = Math.max(340, margin.top + row * lines.length + margin.bottom);
  const rounds = Math.max(...lines.map(({ points }) => points.length));
  const spread = lines.flatMap(({ points }) =>
    points.flatMap((point) =>
      point ? [point.mean - (point.std ?? 0), point.mean + (point.std ?? 0)] : [],
    ),
  );
  const ticks = ticksOf(Math.max(0, Math.min(...spread)), Math.min(1, Math.max(...spread)));
  const [low, high] = [ticks[0], ticks[ticks.length - 1]];
  const bottom = height - margin.bottom;
  const x = (round: number) =>
    margin.left + ((right - margin.left) * (round - 0.5)) / Math.max(1, rounds);
  const y = (share: number) =>
    bottom - ((bottom - margin.top) * (Math.min(high, Math.max(low, share)) - low)) / (high - low);

  // 1. Axes: a tick for each round, or each of few that are whole.
  const every = Math.ceil(rounds / 12);
  const grid = ticks.map((tick) => {
    const at = fixed(y(tick));
    return `<path class="grid" d="M${margin.left} ${at}H${right}"/><text class="soft end" x="${margin.left - 8}" y="${fixed(y(tick) + 4)}">${Math.round(tick * 100)}</text>`;
  });
  const numbers = Array.from({ length: rounds }, (_, i) => i + 1)
    .filter((round) => round % every === 0)
    .map(
      (round) =>
        `<text class="soft middle" x="${fixed(x(round))}" y="${bottom + 18}">${round}</text>`,
    );

  // 2. Bands below all lines.
  const styled = lines.map((line, i) => ({ ...line, ...styleOf(lines, i) }));
  const bands = styled.flatMap(({ points, colour }) => {
    const known = points.flatMap((point, i) =>
      point?.std === undefined
        ? []
        : [{ at: x(i + 1), low: y(point.mean - point.std), high: y(point.mean + point.std) }],
    );
    if (known.length < 2) return [];
    const there = known.map(({ at, high: edge }) => `${fixed(at)} ${fixed(edge)}`);
    const back = known.map(({ at, low: edge }) => `${fixed(at)} ${fixed(edge)}`).reverse();
    return [`<path class="band f-${colour}" d="M${[...there, ...back].join("L")}Z"/>`];
  });
  const courses = styled.flatMap(({ points, colour, dash }) => {
    const known = points.flatMap((point, i) => (point ? [[x(i + 1), y(point.mean)]] : []));
    const path = known.map(([px, py]) => `${fixed(px)} ${fixed(py)}`).join("L");
    const dots = known.map(
      ([px, py]) => `<circle class="f-${colour}" cx="${fixed(px)}" cy="${fixed(py)}" r="2"/>`,
    );
    return [`<path class="line s-${colour}"${dash} d="M${path}"/>`, ...dots];
  });

  // 3. Labels, the best first.
  const ranked = styled
    .map((line) => ({ ...line, last: line.points.findLast((point) => point !== undefined) }))
    .sort((a, b) => (b.last?.mean ?? 0) - (a.last?.mean ?? 0));
  const labels = ranked.map(({ name, colour, dash, last }, i) => {
    const at = margin.top + row * i;
    return `<path class="line s-${colour}"${dash} d="M${right + 12} ${at}h22"/><text x="${right + 40}" y="${at + 4}">${escaped(label(name, last))}</text>`;
  });
  const told = ranked.map(({ name, last }) => label(name, last));
  const width = Math.round(right + 48 + 7 * Math.max(...told.map(({ length }) => length)));
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="desc">${escaped(`${axis}, by ${across}. After the last: ${told.join("; ")}.`)}</desc>`,
    style,
    `<text class="soft" x="${margin.left}" y="18">${escaped(axis)}</text>`,
    ...grid,
    ...numbers,
    `<text class="soft middle" x="${(margin.left + right) / 2}" y="${bottom + 36}">${escaped(across)}</text>`,
    ...bands,
    ...courses,
    ...labels,
    "</svg>",
  ].join("\n")}\n`;
}

const label = (name: string, last: Sample | undefined) => {
  if (!last) return name;
  const spread = last.std === undefined ? "" : ` ± ${(100 * last.std).toFixed(1)}`;
  return `${name} ${(100 * last.mean).toFixed(1)}${spread} %`;
};
const fixed = (value: number) => value.toFixed(1);
const escaped = (text: string) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Multiples of one step around both ends, ten at most. */
function ticksOf(low: number, high: number): readonly number[] {
  const step = [0.01, 0.02, 0.05, 0.1].find((s) => (high - low) / s <= 8) ?? 0.2;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(high / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

// Okabe & Ito's colours, which colour-blind readers can tell apart, darkened and lightened.
const colours = [
  ["#0072b2", "#5ab4e8"],
  ["#c44e00", "#f08a4b"],
  ["#007a5a", "#2fc79c"],
  ["#a8458a", "#dd8fc4"],
  ["#8a6d00", "#e3c33a"],
  ["#3f51b5", "#9fa8f5"],
  ["#6b7280", "#a3abb8"],
] as const;
const ink = ["#1f2328", "#e6edf3"] as const;
const dashes = ["", "6 3", "2 3", "9 3 2 3"] as const;

/** The baseline in ink; each colour comes again with another dash. */
function styleOf(lines: readonly Line[], i: number) {
  if (lines[i].isBaseline) return { colour: "ink", dash: "" };
  const place = lines.slice(0, i).filter(({ isBaseline }) => !isBaseline).length;
  const dash = dashes[Math.floor(place / colours.length) % dashes.length];
  return { colour: String(place % colours.length), dash: dash && ` stroke-dasharray="${dash}"` };
}

const rules = (theme: 0 | 1) =>
  [...colours.entries(), ["ink", ink] as const]
    .map(([name, colour]) => `.s-${name}{stroke:${colour[theme]}}.f-${name}{fill:${colour[theme]}}`)
    .join("");
const style = `<style>text{font:12px system-ui,sans-serif;fill:${ink[0]}}.soft{fill:#57606a}.end{text-anchor:end}.middle{text-anchor:middle}.grid{stroke:#d0d7de}.line{fill:none;stroke-width:1.8}.band{opacity:.12}${rules(0)}@media(prefers-color-scheme:dark){text{fill:${ink[1]}}.soft{fill:#9198a1}.grid{stroke:#3d444d}${rules(1)}}</style>`;
