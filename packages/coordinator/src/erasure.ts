import { hourMs } from "@tandem/core/duration";
import { messageOf, TandemError } from "@tandem/core/errors";
import { createLimiters } from "@tandem/core/limiter";
import type { ExperimentStore } from "@tandem/core/stores";
import { eraseStatement } from "@tandem/protocol/device-key";
import { applicantId } from "./applicants";
import type { BlobKeeper } from "./blob-keeper";
import type { Commits } from "./commits";
import { provenKey } from "./device-keys";
import { isErased } from "./erased-record";
import { erasingOf, type Whose } from "./erasing";
import type { Asking } from "./join";
import { connectionOf, type LiveClient, lose } from "./live-client";
import type { CoordinatorOptions } from "./ports";
import type { Requests } from "./requests";
import { retentionOf } from "./retention";
import { amongJoins, type Runtime } from "./runtime";
import { hashToken } from "./tokens";
import { countControl } from "./traffic";

/** Of an address: each looks through the whole log. */
const erasures = { perSecond: 0.2, burst: 64 };

const ofOtherKey = new TandemError(
  "unauthorised",
  "What this place has sent is erased only for its own key, which is not here: ask whoever runs the study.",
);

export type Erasure = ReturnType<typeof createErasure>;

/** Takes out of an experiment what is kept of participants: when they ask, and when its time is over. */
export function createErasure(
  options: Pick<CoordinatorOptions, "store" | "clock" | "log"> & {
    readonly commits: Commits;
    readonly keeper: BlobKeeper;
    readonly all: () => Promise<readonly Runtime[]>;
  },
) {
  const { store, clock, log, commits, keeper } = options;
  const mayAsk = createLimiters(clock, erasures);
  const owed = new WeakMap<Runtime, readonly string[]>();
  const owedBy = (runtime: Runtime) => owed.get(runtime) ?? [];
  let cancel = () => {};
  let isClosed = false;

  /** Nothing of it is stored once this resolves. Among joins: who came back would have no record. `at`: of everybody, which is noted with the time. */
  async function erase(runtime: Runtime, whose: Whose, at?: number): Promise<void> {
    for (const client of whose.clients) part(runtime, client);
    await Promise.allSettled(whose.clients.map(({ uploads }) => uploads));
    let isTurn = false;
    await commits.decide(runtime, async () => {
      isTurn = true;
      const present = whose.clients.filter(({ record }) => at !== undefined || !isErased(record));
      const stores = { store, blobs: keeper.of(runtime.record.id) };
      const erasing = await erasingOf(stores, runtime, { ...whose, clients: present });
      // A store that fails may have written: then the log does not name them when it is asked again.
      owed.set(runtime, [
        ...owedBy(runtime),
        ...erasing.blobs,
        ...(await shardsOf(runtime, present)),
      ]);
      const event = {
        type: "erased",
        clients: erasing.erased.clients,
        ...(at !== undefined && { at }),
        ...(erasing.isRevised && { isRevised: true as const }),
      } as const;
      return [event, { erasing, blank: present }];
    });
    if (!isTurn) throw new TandemError("unavailable", "The experiment is being closed: ask again.");
    await keeper.forget(runtime, owedBy(runtime));
    owed.delete(runtime);
  }

  /** It has left by the time that its records are looked at. */
  function part(runtime: Runtime, client: LiveClient): void {
    countControl(runtime, client);
    lose(client, clock.now());
    const { leftAt = clock.now() } = client.record;
    client.record = { ...client.record, leftAt };
  }

  /** Whether there was anything; throws `unauthorised` for the token of another key. */
  async function eraseOwn(
    runtime: Runtime,
    connection: Asking["connection"],
    key: string,
    token: string | undefined,
  ): Promise<boolean> {
    const hash = token === undefined ? undefined : hashToken(token);
    const clients = clientsOf(runtime, key, hash);
    const hashes = [hash ?? [], clients.map(({ record }) => record.tokenHash)].flat();
    const whose = await whoseOf(store, runtime, clients, { hashes, key });
    const { keys, applicants } = whose;
    if (clients.length + keys.length + applicants.length === 0) return false;
    for (const client of clients)
      if (connectionOf(client) !== connection) tell(client, "as its browser has asked");
    await erase(runtime, whose);
    return true;
  }

  async function expire(runtime: Runtime): Promise<void> {
    const now = clock.now();
    const { dueAt = Number.POSITIVE_INFINITY, erasedAt } = retentionOf(runtime);
    if (now < dueAt) return;
    const { record, state } = runtime;
    const clients = [...runtime.clients.values()];
    const applicants = (await store.applicants(record.id)).map(({ id }) => id);
    const hasData =
      clients.some((client) => !isErased(client.record)) ||
      applicants.length + state.barred.length > 0 ||
      (erasedAt === undefined && record.sequence > 0);
    if (!hasData) return;
    for (const client of clients)
      connectionOf(client)?.send("dismissed", {
        reason: "What this study keeps of you is erased.",
      });
    await erase(runtime, { clients, applicants, keys: state.barred, isAll: true }, now);
    log("participants' data erased", { experiment: record.id, clients: clients.length });
  }

  async function pass(): Promise<void> {
    for (const runtime of await options.all())
      await amongJoins(runtime, () => expire(runtime)).catch((error) => {
        const fields = { experiment: runtime.record.id, message: messageOf(error) };
        log("participants' data could not be erased", fields);
      });
  }

  async function keepTime(): Promise<void> {
    await pass();
    if (!isClosed) cancel = clock.after(hourMs, () => void keepTime());
  }

  return {
    /** Of whoever holds the key, or has asked to be let in with the token. Throws like a join, and `too-many`. */
    async ask(
      runtime: Runtime,
      { connection, challenge }: Asking,
      body: Requests["erase"],
    ): Promise<{ readonly ok: true; readonly found: boolean }> {
      const key = provenKey(body, challenge, eraseStatement);
      if (!mayAsk(connection.address))
        throw new TandemError(
          "too-many",
          "Too many ask for erasure at once: try again in a minute.",
        );
      const found = await amongJoins(runtime, () => eraseOwn(runtime, connection, key, body.token));
      return { ok: true, found };
    },
    /** As whoever runs the experiment wants it; throws `not-found`. */
    eraseClient: (runtime: Runtime, id: string): Promise<void> =>
      amongJoins(runtime, async () => {
        const client = runtime.clients.get(id);
        if (!client || isErased(client.record))
          throw new TandemError(
            "not-found",
            `Nothing is kept of a participant ${id} of experiment ${runtime.record.id}.`,
          );
        tell(client, "as whoever runs this study has been asked to");
        const { tokenHash, key = "" } = client.record;
        await erase(runtime, await whoseOf(store, runtime, [client], { hashes: [tokenHash], key }));
      }),
    /** Erases what is due, now and each hour until it is closed. */
    keepTime,
    close() {
      isClosed = true;
      cancel();
    },
  };
}

/** Of a key; throws `unauthorised` where the token is of another. */
function clientsOf({ clients }: Runtime, key: string, hash: string | undefined) {
  const all = [...clients.values()];
  const own = all.filter(
    ({ record }) => record.key === key || (record.key === undefined && record.tokenHash === hash),
  );
  const ofToken = (client: LiveClient) => hash !== undefined && client.record.tokenHash === hash;
  if (all.some((client) => ofToken(client) && !own.includes(client))) throw ofOtherKey;
  return own;
}

const tell = (client: LiveClient, why: string) =>
  connectionOf(client)?.send("dismissed", { reason: `What this tab has sent is erased, ${why}.` });

/** Of these clients, and of whoever waits with this key, or is kept out, under one of these hashes of tokens. */
async function whoseOf(
  store: Pick<ExperimentStore, "applicants">,
  { record, state }: Runtime,
  clients: readonly LiveClient[],
  { hashes, key }: { readonly hashes: readonly string[]; readonly key: string },
): Promise<Whose> {
  const own = new Set(hashes.map((hash) => applicantId(hash, key)));
  const applicants = (await store.applicants(record.id)).map(({ id }) => id);
  return {
    clients,
    keys: state.barred.filter((one) => hashes.includes(one)),
    applicants: applicants.filter((id) => own.has(id)),
  };
}

/** In an experiment that nobody can join any more, the parts of the data that nobody else was dealt. */
async function shardsOf(
  { state, clients, data }: Runtime,
  gone: readonly LiveClient[],
): Promise<readonly string[]> {
  if (state.status !== "finished") return [];
  const { slots } = await data();
  const others = [...clients.values()].filter(
    (client) => !gone.includes(client) && !isErased(client.record),
  );
  const kept = new Set(others.map(({ record }) => slots[record.slot].shard?.hash));
  return gone.flatMap(({ record }) => {
    const hash = slots[record.slot].shard?.hash;
    return hash && !kept.has(hash) ? [hash] : [];
  });
}
