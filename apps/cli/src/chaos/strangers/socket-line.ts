import { type DeviceKey, joinStatement, uploadStatement } from "@tandem/protocol/device-key";
import { protocolVersion } from "@tandem/protocol/events";
import { io, type Socket } from "socket.io-client";
import type { Answer } from "./judge";

export type SocketAnswer = Answer & { readonly reply: Reply };
export type Reply = {
  readonly ok?: boolean;
  readonly token?: unknown;
  readonly client?: unknown;
  readonly challenge?: unknown;
  readonly shard?: { readonly hash?: unknown };
  readonly error?: { readonly code: string; readonly message: string };
};

/** What has been asked last of whoever has joined. */
export type Instruction = { readonly round: number; readonly hash: string };

export type SocketLine = {
  readonly socket: Socket;
  /** Names of all notices that have come. */
  readonly heard: readonly string[];
  readonly token: () => string;
  readonly instruction: () => Instruction | undefined;
  ask(event: string, body: unknown): Promise<SocketAnswer | undefined>;
  /** With a signed challenge. */
  join(experiment: string, wish?: object): Promise<SocketAnswer | undefined>;
  /** Signed as the answer to the present instruction; `altered` after signing. */
  upload(hash: string, altered?: object): Promise<SocketAnswer | undefined>;
  /** Resolves with whether it has been closed within so long. */
  closed(withinMs: number): Promise<boolean>;
  close(): void;
};

const [connectMs, answerMs] = [5000, 10_000];

/** Undefined where no connection comes about in 5 s. */
export async function openSocketLine(
  url: string,
  key: DeviceKey,
  extraHeaders: Readonly<Record<string, string>>,
): Promise<SocketLine | undefined> {
  const socket = io(url, {
    transports: ["websocket"],
    reconnection: false,
    forceNew: true,
    timeout: connectMs,
    extraHeaders,
  });
  const heard: string[] = [];
  let [experiment, client, token] = ["none", "none", "x".repeat(32)];
  let instruction: Instruction | undefined;
  socket.onAny((event: string, body: Instruction) => {
    heard.push(event);
    if (event === "instruct") instruction = body;
  });
  // A server that dies between its own handshake and Socket.IO's leaves neither event behind.
  const isUp = await within(connectMs, (settle) => {
    socket.once("connect", () => settle(true));
    socket.once("connect_error", () => settle(false));
    socket.io.once("close", () => settle(false));
  });
  if (!isUp) {
    socket.close();
    return undefined;
  }

  async function ask(event: string, body: unknown): Promise<SocketAnswer | undefined> {
    if (!socket.connected) return undefined;
    let lost = () => {};
    const cutOff = new Promise<undefined>((resolve) => {
      lost = () => resolve(undefined);
      socket.once("disconnect", lost);
    });
    const asked = socket.timeout(answerMs).emitWithAck(event, body) as Promise<Reply>;
    const reply = await Promise.race([asked.catch(() => undefined), cutOff]);
    socket.off("disconnect", lost);
    if (!reply) return undefined;
    if (typeof reply.token === "string") ({ token } = reply);
    if (typeof reply.client === "string") ({ client } = reply);
    const text = JSON.stringify(reply);
    return { isTaken: reply.ok === true, code: reply.error?.code ?? "ok", text, reply };
  }

  return {
    socket,
    heard,
    token: () => token,
    instruction: () => instruction,
    ask,
    async join(to, wish = {}) {
      experiment = to;
      const { reply } = (await ask("challenge", {})) ?? {};
      const challenge = String(reply?.challenge);
      const body: Joining = { version: protocolVersion, experiment, device: "none", ...wish };
      const statement = joinStatement({ experiment, challenge, token: body.token });
      const proof = await key.sign(statement);
      return ask("join", { key: { public: key.public, proof }, ...body });
    },
    async upload(hash, altered = {}) {
      const { round, hash: of } = instruction ?? { round: 0, hash: "0".repeat(64) };
      const statement = uploadStatement({ experiment, client, round, instruction: of, hash });
      const signature = await key.sign(statement);
      const body = { round, instruction: of, hash, metrics: {}, signature };
      return ask("upload", { ...body, ...altered });
    },
    closed: (withinMs) =>
      within(withinMs, (settle) => {
        if (!socket.connected) settle(true);
        socket.once("disconnect", () => settle(true));
      }),
    close: () => void socket.close(),
  };
}

type Joining = {
  readonly version: number;
  readonly experiment: string;
  readonly device: string;
  readonly token?: string;
};

/** What is settled with, or false when it takes longer. */
function within(ms: number, begin: (settle: (is: boolean) => void) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    begin((is) => {
      clearTimeout(timer);
      resolve(is);
    });
  });
}
