/** Of requests in one stretch of a run, in milliseconds. */
export type Waits = {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
  /** Nobody answered: the server was away, or the connection was closed. */
  readonly failed: number;
};

export const stretches = ["rest", "attack"] as const;
export type Stretch = (typeof stretches)[number];

/**
 * `server`: its `/healthz`; `bare`: a server beside it that does nothing, asked in the same moments; `slowed`: how
 * many times as long the server's thread took as it would have with a processor of its own.
 */
export type Health = Readonly<
  Record<Stretch, Readonly<Record<"server" | "bare", Waits>> & { readonly slowed: number }>
>;

/** Bounds of `healthVerdict`: milliseconds, times what others waited, and requests without which nothing is judged. */
export const [mostP99, mostTimes, leastCount] = [250, 4, 100] as const;

export function waitsOf(times: readonly number[], failed: number): Waits {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), most: sorted.at(-1) ?? 0, failed };
}

/** What the machine itself made a request wait: at rest, or of a server that does nothing under attack. */
const baseOf = ({ rest, attack }: Health): number => Math.max(rest.server.p99, attack.bare.p99);

export type Verdict = "good" | "bad" | "too few" | "killed";

/**
 * Bad where the p99 of `/healthz` under attack is 250 ms or more even with a processor of its own (divided by
 * `slowed`), and over four times what the machine made others wait. A server that was killed is not judged.
 */
export function healthVerdict(health: Health, kills: number): Verdict {
  const { rest, attack } = health;
  if (kills > 0) return "killed";
  if (Math.min(rest.server.count, attack.server.count) < leastCount) return "too few";
  const { p99 } = attack.server;
  return p99 / attack.slowed < mostP99 || p99 <= mostTimes * baseOf(health) ? "good" : "bad";
}

const ms = (value: number) => `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;

export function healthLines(health: Health, kills: number): readonly string[] {
  const { rest, attack } = health;
  const line = (name: string, { count, p50, p99, most, failed }: Waits) =>
    `${name.padEnd(27)}p50 ${ms(p50)}, p99 ${ms(p99)}, longest ${ms(most)} of ${count}${failed > 0 ? `, ${failed} unanswered` : ""}`;
  const times = (a: number, b: number) => (b > 0 ? (a / b).toFixed(1) : "?");
  const verdict = {
    good: "within its bounds",
    bad: `out of its bounds: ${mostP99} ms with a processor of its own, or ${mostTimes} times rest or bare server`,
    "too few": `not judged: it takes ${leastCount} requests each`,
    killed: "not judged: it was killed meanwhile",
  }[healthVerdict(health, kills)];
  return [
    line("/healthz at rest", rest.server),
    line("/healthz under attack", attack.server),
    `${"its thread waited".padEnd(27)}for a processor: at rest it took ${rest.slowed.toFixed(1)} times as long as it ran, under attack ${attack.slowed.toFixed(1)} times`,
    line("a bare server at rest", rest.bare),
    line("a bare server under attack", attack.bare),
    `${"p99 under attack".padEnd(27)}${times(attack.server.p99, rest.server.p99)} times that at rest, ${times(attack.server.p99, attack.bare.p99)} times the bare server's: ${verdict}`,
  ];
}
