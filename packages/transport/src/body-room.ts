import type { IncomingMessage } from "node:http";
import { TandemError } from "@tandem/core/errors";

type Leave = () => void;
type Enter = (bytes: number) => Promise<Leave>;
type Waiting = {
  readonly address: string;
  readonly bytes: number;
  readonly enter: (leave: Leave) => void;
};

/** Memory that bodies take at a time, of each address and together. Who finds it full waits for a turn. */
export function createBodyRoom(limits: { readonly perAddress: number; readonly total: number }) {
  const taken = new Map<string, number>();
  let all = 0;
  let waiting: readonly Waiting[] = [];

  const fits = ({ address, bytes }: Waiting) =>
    (taken.get(address) ?? 0) + bytes <= limits.perAddress && all + bytes <= limits.total;

  function add(address: string, bytes: number): void {
    all += bytes;
    const left = (taken.get(address) ?? 0) + bytes;
    if (left > 0) taken.set(address, left);
    else taken.delete(address);
  }

  function admit(): void {
    for (const one of waiting) {
      if (!fits(one)) continue;
      waiting = waiting.filter((other) => other !== one);
      add(one.address, one.bytes);
      let isIn = true;
      one.enter(() => {
        if (!isIn) return;
        isIn = false;
        add(one.address, -one.bytes);
        admit();
      });
    }
  }

  return {
    /** Rejects with `unavailable` when the peer has gone meanwhile. */
    enter({ socket }: IncomingMessage, address: string, wanted: number): Promise<Leave> {
      const bytes = Math.min(wanted, limits.perAddress, limits.total);
      return new Promise((resolve, reject) => {
        const gone = () => {
          waiting = waiting.filter((other) => other !== own);
          reject(new TandemError("unavailable", "the connection was closed"));
        };
        const enter = (leave: Leave) => {
          socket.off("close", gone);
          resolve(leave);
        };
        const own: Waiting = { address, bytes, enter };
        socket.once("close", gone);
        waiting = [...waiting, own];
        admit();
      });
    },
  };
}

const rooms = new WeakMap<IncomingMessage, Enter>();

/** From now on the bodies of this request and of its reply wait for room. */
export const giveRoom = (request: IncomingMessage, enter: Enter): void => {
  rooms.set(request, enter);
};

/** Waits for room where it is limited. */
export const roomFor: (request: IncomingMessage, bytes: number) => Promise<Leave> = async (
  request,
  bytes,
) => rooms.get(request)?.(bytes) ?? (() => {});
