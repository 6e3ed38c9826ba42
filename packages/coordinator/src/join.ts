import { TandemError } from "@tandem/core/errors";
import type { FederatedData } from "@tandem/core/federated-data";
import { type ClientId, clientId } from "@tandem/core/ids";
import { trainsEncoder } from "@tandem/core/model";
import {
  type JoinReply,
  protocolVersion,
  type requests,
  type TandemConnection,
} from "@tandem/protocol/events";
import type * as z from "zod/mini";
import { requireOwn } from "./adopting";
import { type Attendance, removedByOwner } from "./attendance";
import type { Commits } from "./commits";
import { type Crowds, hashAddress } from "./crowds";
import { provenKey } from "./device-keys";
import { invitationOf } from "./invitations";
import { arrive, connectionOf, type LiveClient, liveClient } from "./live-client";
import { chosenOf } from "./own-architecture";
import { refuseOwnEncoder } from "./own-encoder";
import { checkOwn } from "./own-terms";
import { freePlace, holdingOf, samplesOf } from "./places";
import type { CoordinatorOptions } from "./ports";
import { type Runtime, roundsOf } from "./runtime";
import { hashToken } from "./tokens";
import { countControl } from "./traffic";

export type JoinRequest = z.infer<(typeof requests)["join"]["request"]>;
export type Joined = {
  readonly runtime: Runtime;
  readonly client: LiveClient;
  readonly reply: JoinReply;
};

/** Who joins; `challenge`: what it was to sign, if it has asked. */
export type Asking = {
  readonly connection: TandemConnection;
  readonly challenge: string | undefined;
};

/** Gives a connection its place: the one that its token and its key prove, or a free one. */
export async function join(
  options: Pick<CoordinatorOptions, "store" | "clock" | "random"> & {
    readonly commits: Commits;
    readonly attendance: Pick<Attendance, "leave" | "lost">;
    readonly crowds: Crowds;
  },
  runtime: Runtime,
  { connection, challenge }: Asking,
  wish: JoinRequest,
): Promise<Joined> {
  const { store, clock, random, commits, attendance, crowds } = options;
  const { address } = connection;
  if (wish.version !== protocolVersion)
    throw new TandemError(
      "not-supported",
      `The server speaks version ${protocolVersion}, this page ${wish.version}: reload it.`,
    );
  const key = provenKey(wish, challenge);
  refuseBarred(runtime, wish.token && hashToken(wish.token), removedByOwner);
  if (wish.consent !== undefined && wish.consent !== runtime.consent.hash)
    throw new TandemError(
      "stale",
      "What this study asks of you has changed since you agreed to it: read it again, then join.",
    );
  const data = await runtime.data();
  const { own, ownEncoder = false } = wish;
  checkOwn(data, own);
  if (ownEncoder) refuseOwnEncoder(runtime.needs, data, wish);
  const owner = wish.token === undefined ? undefined : ownerOf(runtime, wish.token);
  // A record from before there were keys has none until its client comes.
  if (owner && (owner.record.key ?? key) !== key) throw otherKey();
  const had = owner !== undefined && !data.own?.encoder && trainsEncoder(owner.record.architecture);
  // Who has come to hold or train something else is another client.
  const isOther = (own && own.modality !== owner?.record.modality) || ownEncoder !== had;
  const known = isOther ? undefined : owner;
  requireOwn(runtime);
  if (!known && runtime.state.status === "finished")
    throw new TandemError("conflict", "The experiment has finished: there is nothing to join.");
  if (owner && isOther) {
    const old = connectionOf(owner);
    await attendance.leave(runtime, owner);
    if (old !== connection) old?.close();
  }
  // Who has been here needs no invitation, but a token lets one client in, not one after another.
  const former = owner ?? (wish.token === undefined ? undefined : holderOf(runtime, wish.token));
  // Whom somebody has let in is one client at a time, whatever place it has.
  const isLetIn = runtime.record.config.admission === "approval";
  const token = (known || isLetIn) && wish.token ? wish.token : random.token();
  let invitation: string | undefined;
  const client = known ?? (await admit(token));

  async function admit(issued: string): Promise<LiveClient> {
    const now = clock.now();
    refuseBarred(runtime, hashAddress(runtime.record.id, address), keptOut);
    crowds.check(runtime, data.slots.length, address);
    if (!former) invitation = await invitationOf(store, runtime, wish, now);
    const wanted = own ? { slot: wish.slot } : wish;
    const { slot, evicted } = freePlace(runtime.clients, data.slots, wanted, now);
    if (evicted) await attendance.leave(runtime, evicted);
    const added = liveClient(
      {
        id: nextId(runtime, slot),
        tokenHash: hashToken(issued),
        key,
        slot,
        name: wish.name?.trim() || `Client ${slot + 1}`,
        ...holdingOf(runtime, data, slot, { own, ownEncoder }),
        device: wish.device,
        joinedAt: now,
        bytesUp: 0,
        bytesDown: 0,
      },
      now,
      undefined,
    );
    runtime.clients.set(added.record.id, added);
    return added;
  }

  await runtime.deal();
  const { leftAt: _, ...record } = client.record;
  client.record = {
    ...record,
    key,
    device: wish.device,
    ...(own && samplesOf(data, own, runtime.record.config)),
  };
  client.agreed = wish.consent;
  if (own) client.trains = own.samples;
  countControl(runtime, client);
  const { tokenHash } = former?.record ?? client.record;
  if (former && former !== client) former.record = { ...former.record, tokenHash: "" };
  const old = arrive(client, connection);
  if (old && old !== connection) old.close();
  try {
    const joined = { type: "joined", client: record.id, slot: record.slot } as const;
    await commits.dispatch(runtime, joined, { invitation });
  } catch (error) {
    // Without its record the token would be worth nothing after a restart.
    if (former) former.record = { ...former.record, tokenHash };
    if (!known) runtime.clients.delete(record.id);
    else if (connectionOf(client) === connection) attendance.lost(runtime, client);
    throw error;
  }
  return { runtime, client, reply: replyOf(runtime, client, { data, token, own }) };
}

const otherKey = () =>
  new TandemError(
    "unauthorised",
    "This place belongs to a key that is not here: its token alone does not give it. Join without the token, as somebody new.",
  );

function refuseBarred({ state }: Runtime, key: string | undefined, reason: string): void {
  if (key && state.barred.includes(key)) throw new TandemError("forbidden", reason);
}
const keptOut =
  "Whoever runs this study keeps newcomers from your network's address out of it: ask them to let you take part.";

/** The client that a token belongs to. */
const holderOf = ({ clients }: Runtime, token: string): LiveClient | undefined =>
  clients.ofToken(hashToken(token));

/** The same, unless it has left and its place has gone to another. */
function ownerOf(runtime: Runtime, token: string): LiveClient | undefined {
  const owner = holderOf(runtime, token);
  if (!owner || owner.record.leftAt === undefined) return owner;
  const taken = [...runtime.clients.values()].some(
    ({ record }) => record.leftAt === undefined && record.slot === owner.record.slot,
  );
  return taken ? undefined : owner;
}

function replyOf(
  runtime: Runtime,
  { record }: LiveClient,
  {
    data,
    token,
    own,
  }: { readonly data: FederatedData; readonly token: string; readonly own: JoinRequest["own"] },
): JoinReply {
  const { config } = runtime.record;
  const { device } = own ?? {};
  const isKnown = data.own && Object.hasOwn(data.own.steps, record.architecture);
  const isChosen = data.own && device && isKnown && !runtime.needs.equalArchitectures;
  const { shard } = data.slots[record.slot];
  return {
    ok: true,
    client: record.id,
    token,
    slot: record.slot,
    seed: config.seed,
    experimentName: config.name,
    strategy: config.strategy,
    strategyConfig: config.strategyConfig as JoinReply["strategyConfig"], // mutable in zod's type
    dataset: config.dataset,
    classes: [...data.classes],
    rounds: roundsOf(runtime),
    modality: record.modality,
    architecture: record.architecture,
    task: config.task,
    source: record.source,
    ...(shard && { shard }),
    ...(data.test && { test: data.test }),
    vocabulary: data.vocabulary,
    ...(data.own?.backbone && { backbone: data.own.backbone }),
    ...(isChosen && { chosen: chosenOf(record, data.own, device) }),
    ...(data.own?.encoder && { encoder: data.own.encoder }),
  };
}

/** By place and turn, not by chance: what is named by it is the same in each run of a seed. */
function nextId({ clients }: Runtime, slot: number): ClientId {
  const place = `p${String(slot).padStart(4, "0")}`;
  for (let turn = 1; ; turn++) {
    const id = turn === 1 ? place : `${place}-${turn}`;
    if (!clients.has(id)) return clientId(id);
  }
}
