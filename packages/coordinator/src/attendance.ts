import type { Clock } from "@tandem/core/clock";
import type { Commits } from "./commits";
import { isLoaded, type LiveClient, lose } from "./live-client";
import type { Runtime } from "./runtime";
import { countControl } from "./traffic";

const graceMs = 5_000;

export type Attendance = ReturnType<typeof createAttendance>;

/** What a round makes of those who go and come. */
export function createAttendance(options: {
  readonly clock: Clock;
  readonly commits: Commits;
  readonly changed: (runtime: Runtime) => void;
}) {
  const { clock, commits, changed } = options;

  /** Lets a client that has lost its connection come back for a moment before the round goes on. */
  function lost(runtime: Runtime, client: LiveClient, patienceMs = graceMs): void {
    countControl(runtime, client);
    const giveUp = () => commits.insist(runtime, client.wasReady ? leftOf(client) : goneOf(client));
    lose(client, clock.now(), clock.after(patienceMs, giveUp));
    changed(runtime);
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
      if (isLoaded(client) && !runtime.state.ready.includes(id))
        await commits.dispatch(runtime, { type: "ready", client: id });
    },
    /** It goes of its own accord, and is not waited for. */
    async leave(runtime: Runtime, client: LiveClient): Promise<void> {
      countControl(runtime, client);
      lose(client, clock.now());
      await commits.dispatch(runtime, goneOf(client));
    },
  };
}

const leftOf = ({ record }: LiveClient) => ({ type: "left", client: record.id }) as const;
