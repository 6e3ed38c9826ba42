import type { ClientRecord } from "@tandem/core/experiment";
import type { LiveClient } from "./live-client";

/** An experiment's clients by id; knows whose a token is, and whose record has changed. */
export class Roster extends Map<string, LiveClient> {
  /** Those whose record is another than when this was cleared last. */
  readonly touched = new Set<LiveClient>();
  readonly #byToken = new Map<string, LiveClient>();

  override set(id: string, client: LiveClient): this {
    client.onRecord = (before) => this.#note(client, before);
    this.#note(client);
    return super.set(id, client);
  }

  override delete(id: string): boolean {
    const client = this.get(id);
    if (client) {
      client.onRecord = undefined;
      this.touched.delete(client);
      this.#forget(client, client.record.tokenHash);
    }
    return super.delete(id);
  }

  /** The client that the token with this hash belongs to. */
  ofToken(hash: string): LiveClient | undefined {
    return this.#byToken.get(hash);
  }

  #note(client: LiveClient, before?: ClientRecord): void {
    this.touched.add(client);
    const { tokenHash } = client.record;
    if (before?.tokenHash === tokenHash) return;
    if (before) this.#forget(client, before.tokenHash);
    if (tokenHash !== "") this.#byToken.set(tokenHash, client);
  }

  #forget(client: LiveClient, hash: string): void {
    if (this.#byToken.get(hash) === client) this.#byToken.delete(hash);
  }
}

export const rosterOf = (clients: Iterable<LiveClient>): Roster => {
  const roster = new Roster();
  for (const client of clients) roster.set(client.record.id, client);
  return roster;
};
