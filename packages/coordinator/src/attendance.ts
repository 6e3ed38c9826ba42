import type { Clock } from "@tandem/core/clock";
import { formatDuration } from "@tandem/core/format";
import type { Changed, Commits } from "./commits";
import { hashAddress } from "./crowds";
import { connectionOf, isLoaded, type LiveClient, lose } from "./live-client";
import type { PlaceLimits } from "./ports";
import type { Runtime } from "./runtime";
import { countControl } from "./traffic";

const graceMs = 5_000;

export type Attendance = ReturnType<typeof createAttendance>;

/** What a round makes of those who go and come. */
export function createAttendance(options: {
  readonly clock: Clock;
  readonly commits: Commits;
  readonly changed: Changed;
  readonly limits: PlaceLimits | undefined;
}) {
  const { clock, commits, changed, limits } = options;

  /** Lets a client that has lost its connection come back for a moment before the round goes on. */
  function lost(runtime: Runtime, client: LiveClient, patienceMs = graceMs): void {
    countControl(runtime, client);
    const giveUp = () => commits.insist(runtime, client.wasReady ? leftOf(client) : goneOf(client));
    lose(client, clock.now(), clock.after(patienceMs, giveUp));
    changed(runtime, [client]);
  }

  function settleIdle(client: LiveClient): void {
    client.idle?.();
    client.idle = undefined;
  }

  /** Puts out in time who of these is here and has no part in a round. */
  function look(runtime: Runtime, clients: Iterable<LiveClient>): void {
    if (!limits) return;
    const { state } = runtime;
    for (const client of clients) {
      const isIdle =
        connectionOf(client) !== undefined &&
        state.status !== "finished" &&
        !state.ready.has(client.record.id);
      if (!isIdle) settleIdle(client);
      else
        client.idle ??= clock.after(limits.readyWithinMs, () => {
          client.idle = undefined;
          if (runtime.closed) return;
          const what = client.wasReady ? "gave no sign of life" : "was not ready";
          dismiss(
            client,
            `This tab ${what} for ${formatDuration(limits.readyWithinMs)}, so that its place has been given back. Join again to take part.`,
          );
          commits.insist(runtime, goneOf(client));
        });
    }
  }

  /** Tells it why, and it is away. */
  function dismiss(client: LiveClient, reason: string): void {
    connectionOf(client)?.send("dismissed", { reason });
    settleIdle(client);
    lose(client, clock.now());
  }

  /** Its place is free: for the event that tells the round. */
  function goneOf(client: LiveClient) {
    client.record = { ...client.record, leftAt: clock.now() };
    return { ...leftOf(client), gone: true } as const;
  }

  return {
    lost,
    /** After a restart: who was there is given time to find the server again. */
    expect(runtime: Runtime, client: LiveClient): void {
      lost(runtime, client, 6 * graceMs);
    },
    /** A client that is silent after a deadline is asked again once it shows a sign of life. */
    async awake(runtime: Runtime, client: LiveClient): Promise<void> {
      const { id } = client.record;
      if (isLoaded(client) && !runtime.state.ready.has(id))
        await commits.dispatch(runtime, { type: "ready", client: id });
    },
    /** It goes of its own accord, and is not waited for. */
    async leave(runtime: Runtime, client: LiveClient): Promise<void> {
      countControl(runtime, client);
      lose(client, clock.now());
      await commits.dispatch(runtime, goneOf(client));
    },
    look,
    /** It works on something, though perhaps on nothing that a round waits for. */
    alive(runtime: Runtime, client: LiveClient): void {
      if (!isLoaded(client)) return;
      settleIdle(client);
      look(runtime, [client]);
    },
    /** Whoever runs the experiment puts it out, and keeps its token out, or all newcomers of its address. */
    async remove(runtime: Runtime, client: LiveClient, bar: { readonly address: boolean }) {
      const { id, tokenHash } = client.record;
      const isKnown = bar.address && client.address !== "";
      const address = isKnown ? [hashAddress(runtime.record.id, client.address)] : [];
      const keys = [tokenHash, ...address];
      const at = clock.now();
      const [keptOut] = address.map((key) => ({ id: `${id}-${at}`, key, client: id, at }));
      countControl(runtime, client);
      dismiss(client, removedByOwner);
      client.record = { ...client.record, leftAt: client.record.leftAt ?? clock.now() };
      const event = { type: "barred", client: id, keys, ...(keptOut && { keptOut }) } as const;
      await commits.dispatch(runtime, event);
    },
  };
}

/** As the tab is told it. */
export const removedByOwner =
  "Whoever runs this study has removed this tab from it. Its place is free for others.";

const leftOf = ({ record }: LiveClient) => ({ type: "left", client: record.id }) as const;
