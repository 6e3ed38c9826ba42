import type { IncomingMessage } from "node:http";
import type { Clock } from "@tandem/core/clock";
import { TandemError } from "@tandem/core/errors";
import { type Bucket, createBucket } from "@tandem/core/limiter";
import type { Socket } from "socket.io";

/** A session of Engine.IO, below Socket.IO's parser. */
export type Session = Socket["conn"];

export type SocketLimits = {
  /** Frames of one connection, whatever they hold, after a burst of five seconds' worth. */
  readonly framesPerConnection: number;
  /** Those of one address together, after a burst of four seconds' worth. */
  readonly framesPerAddress: number;
  /** Sessions of one address at a time: those that poll hold no connection. */
  readonly sessionsPerAddress: number;
  /** Of what waits behind what is being sent. */
  readonly unreadBytes: number;
  /** How long a peer may read nothing of what is being sent. */
  readonly unreadMs: number;
};

/** Room for a class behind one address: a tab sends four reports a second while it trains. */
export const defaultSocketLimits: SocketLimits = {
  framesPerConnection: 40,
  framesPerAddress: 1000,
  sessionsPerAddress: 500,
  unreadBytes: 512 * 1024,
  unreadMs: 60_000,
};

/** A frame costs one more for each of these. */
const bytesOfOne = 4096;

type Guarded = {
  readonly bucket: Bucket;
  /** For good: a page of ours does not open another. */
  cutOff(reason: TandemError, isForGood?: boolean): void;
};
type Address = { readonly bucket: Bucket; readonly sessions: Set<Guarded>; usedAt: number };

/**
 * Holds sessions to the limits before anything of a frame is parsed, and cuts off who exceeds them: of an
 * address that sends too much, whoever has sent most.
 */
export function createSocketGuard(options: {
  readonly limits: SocketLimits;
  readonly clock: Clock;
  readonly addressOf: (request: IncomingMessage) => string;
  /** Ends a session, with the reason told if it can be. */
  readonly end: (session: Session, reason: TandemError, isForGood: boolean) => void;
}) {
  const { limits, clock, end } = options;
  const addresses = new Map<string, Address>();

  function addressAt(name: string): Address {
    const now = clock.now();
    if (addresses.size > 10_000)
      for (const [key, { sessions, usedAt }] of addresses)
        if (sessions.size === 0 && now - usedAt > 10_000) addresses.delete(key);
    const rate = { perSecond: limits.framesPerAddress, burst: 4 * limits.framesPerAddress };
    const found = addresses.get(name) ?? {
      bucket: createBucket(clock, rate),
      sessions: new Set(),
      usedAt: now,
    };
    found.usedAt = now;
    addresses.set(name, found);
    return found;
  }

  /** Whether the address of a request may have one more session. */
  const admits = (request: IncomingMessage): boolean =>
    addressAt(options.addressOf(request)).sessions.size < limits.sessionsPerAddress;

  function guard(session: Session): void {
    const address = addressAt(options.addressOf(session.request));
    const rate = { perSecond: limits.framesPerConnection, burst: 5 * limits.framesPerConnection };
    let isOver = false;
    const guarded: Guarded = {
      bucket: createBucket(clock, rate),
      cutOff(reason, isForGood = false) {
        if (isOver) return;
        isOver = true;
        address.sessions.delete(guarded);
        end(session, reason, isForGood);
      },
    };
    address.sessions.add(guarded);
    session.once("close", () => address.sessions.delete(guarded));

    /** Whether what has come may be looked at. */
    const charge = (bytes: number): boolean => {
      if (isOver) return false;
      const cost = 1 + Math.floor(bytes / bytesOfOne);
      address.usedAt = clock.now();
      if (!guarded.bucket.take(cost)) guarded.cutOff(tooMany("messages of this page"), true);
      else if (!address.bucket.take(cost))
        busiestOf(address).cutOff(tooMany("messages of your network"));
      return !isOver;
    };
    session.on("packet", (packet) => {
      // A packet that says nothing is not handed on to the parser.
      if (!charge(lengthOf(packet.data))) packet.type = "noop";
    });
    onPing(session, () => charge(0));
    watchSending(session, limits, clock, guarded.cutOff);
  }

  return { admits, guard };
}

const busiestOf = ({ sessions }: Address): Guarded =>
  [...sessions].reduce((most, one) => (one.bucket.left() < most.bucket.left() ? one : most));

/** Cuts off a peer that does not read what it is sent. */
function watchSending(
  session: Session,
  { unreadBytes, unreadMs }: SocketLimits,
  clock: Clock,
  cutOff: Guarded["cutOff"],
): void {
  let [waiting, since] = [0, clock.now()];
  session.on("packetCreate", ({ data }) => {
    if (session.transport.writable) since = clock.now();
    waiting += lengthOf(data);
    if (waiting > unreadBytes && !session.transport.writable) cutOff(unread);
    else if (clock.now() - since > unreadMs) cutOff(unread);
  });
  // All that waited is on its way now, and all before it has been read.
  session.on("flush", () => {
    [waiting, since] = [0, clock.now()];
  });
}

/** Frames of the web socket itself, which are answered below everything else. */
function onPing(session: Session, listener: () => void): void {
  type Pinged = { on?(event: "ping", listener: () => void): void };
  const attach = (transport: object) =>
    (transport as { readonly socket?: Pinged }).socket?.on?.("ping", listener);
  attach(session.transport);
  session.on("upgrade", attach);
}

export const lengthOf = (data: unknown): number => {
  if (typeof data === "string") return Buffer.byteLength(data);
  return ArrayBuffer.isView(data) || data instanceof ArrayBuffer ? data.byteLength : 0;
};

export const tooMany = (what: string) =>
  new TandemError("too-many", `The server has cut the connection: too many ${what}.`);
const unread = new TandemError(
  "timeout",
  "The server has cut the connection: what it sent was not read in time.",
);
