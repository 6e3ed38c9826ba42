/** Servers with one queue in order of arrival; ask in order of time. Times in seconds. */
export class Station {
  readonly #free: number[];
  /** Seconds of work that were asked for. */
  busy = 0;
  waited = 0;

  /** `background`: the share, below 1, of each server that small work takes at all times. */
  constructor(
    readonly servers: number,
    readonly background = 0,
  ) {
    this.#free = new Array(servers).fill(0);
  }

  /** When work that arrives now is done. */
  serve(now: number, seconds: number): number {
    if (seconds === 0) return now;
    let first = 0;
    for (let i = 1; i < this.servers; i++) if (this.#free[i] < this.#free[first]) first = i;
    const start = Math.max(now, this.#free[first]);
    const end = start + seconds / (1 - this.background);
    this.#free[first] = end;
    this.busy += seconds;
    this.waited += start - now;
    return end;
  }

  /** Forgets what waits, and stands still until then. */
  stopUntil(time: number): void {
    this.#free.fill(time);
  }

  /** 0-1, and above where work was asked for that is not done yet. */
  use(elapsed: number): number {
    return this.background + this.busy / (elapsed * this.servers);
  }
}
