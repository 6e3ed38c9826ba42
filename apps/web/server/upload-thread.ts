import { parentPort } from "node:worker_threads";
import type { Payload } from "@tandem/core/payload";
import type { ServerHalf } from "@tandem/core/strategy";
import { decodeUpload, unpackPayload } from "@tandem/protocol/payload-codec";
import { strategyNamed } from "@tandem/strategies/registry";
import { type FromThread, failureOf, type OfStrategy, type ToThread } from "./upload-messages";

// The thread of `upload-threads.ts`: unpacks, judges and adds up, one message after the other.

const mostKept = 16;
const halves = new Map<string, ServerHalf>();
let sum: Payload | undefined;

function halfOf({ strategy, config }: OfStrategy): ServerHalf {
  const key = JSON.stringify([strategy, config]);
  const half = halves.get(key) ?? strategyNamed(strategy).server(config);
  halves.delete(key);
  halves.set(key, half);
  if (halves.size > mostKept)
    for (const oldest of [...halves.keys()].slice(0, 1)) halves.delete(oldest);
  return half;
}

async function answer(asked: ToThread): Promise<FromThread> {
  const half = halfOf(asked);
  switch (asked.type) {
    case "check":
      half.check(asked.client, await decodeUpload(asked.bytes, asked.outline));
      return { ok: true };
    case "add": {
      const { client, age, bytes, isFirst } = asked;
      sum = half.accumulate(isFirst ? undefined : sum, {
        client,
        age,
        payload: await unpackPayload(bytes),
      });
      return { ok: true };
    }
    case "sum": {
      const whole = sum;
      sum = undefined;
      return { ok: true, sum: whole };
    }
  }
}

parentPort?.on("message", async (asked: ToThread) => {
  try {
    const told = await answer(asked);
    const arrays = told.ok ? Object.values(told.sum?.arrays ?? {}) : [];
    const buffers = new Set(arrays.map(({ data }) => data.buffer as ArrayBuffer));
    parentPort?.postMessage(told, [...buffers]);
  } catch (error) {
    parentPort?.postMessage(failureOf(error));
  }
});
