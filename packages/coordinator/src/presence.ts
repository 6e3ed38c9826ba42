import type { Clock } from "@tandem/core/clock";
import type { Commits } from "./commits";
import { countControl, type LiveClient, type Runtime } from "./runtime";

const graceMs = 5_000;

export type Presence = ReturnType<typeof createPresence>;

/** Who is here, and what a round makes of those who go and come. */
export function createPresence(options: {
  readonly clock: Clock;
  readonly effects: Commits;
  readonly changed: (runtime: Runtime) => void;
}) {
  const { clock, effects, changed } = options;

  /** Lets a client that has lost its connection come back for a moment before the round goes on. */
  function lost(runtime: Runtime, client: LiveClient, patienceMs = graceMs): void {
    countControl(runtime, client);
    Object.assign(client, { connection: undefined, loaded: false, awaySince: clock.now() });
    client.cancelAway();
    client.cancelAway = clock.after(patienceMs, () => {
      if (!client.connection) effects.insist(runtime, { type: "left", client: client.record.id });
    });
    changed(runtime);
  }

  return {
    lost,
    /** After a restart: who was there is given time to find the server again. */
    expect(runtime: Runtime, client: LiveClient): void {
      lost(runtime, client, 6 * graceMs);
    },
    /** A client that is silent after a deadline is asked again once it shows a sign of life. */
    async awake(runtime: Runtime, client: LiveClient): Promise<void> {
      const { record, connection, loaded } = client;
      if (connection && loaded && !runtime.state.ready.includes(record.id))
        await effects.dispatch(runtime, { type: "ready", client: record.id });
    },
    /** It goes of its own accord, and does not come back. */
    async leave(runtime: Runtime, client: LiveClient): Promise<void> {
      countControl(runtime, client);
      client.connection = undefined;
      client.record = { ...client.record, leftAt: clock.now() };
      await effects.dispatch(runtime, { type: "left", client: client.record.id });
    },
  };
}
